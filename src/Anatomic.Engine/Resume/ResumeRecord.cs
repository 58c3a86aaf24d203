using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Resume;

/// <summary>
/// The stored resume data of one torrent: its layout, its pieces, when it was saved, and the length and write time of
/// each file at that time.
/// </summary>
internal sealed class ResumeRecord
{
    private readonly TorrentInfo info;
    private readonly PieceSet have;
    private readonly (long Length, long Modified)[] stamps;
    private readonly DateTimeOffset savedAt;

    private ResumeRecord(
        TorrentInfo info,
        StorageLayout layout,
        PieceSet have,
        (long Length, long Modified)[] stamps,
        DateTimeOffset savedAt
    )
    {
        this.info = info;
        this.have = have;
        this.stamps = stamps;
        this.savedAt = savedAt;
        Layout = layout;
    }

    public StorageLayout Layout { get; }

    /// <summary>The same record after the files were moved.</summary>
    public ResumeRecord WithLayout(StorageLayout moved) => new(info, moved, have, stamps, savedAt);

    /// <param name="storage">The torrent's storage.</param>
    /// <param name="have">The durable pieces.</param>
    /// <param name="entries">The files and the part file on disk, the latter last.</param>
    /// <param name="savedAt">When the flush before it began: later writes are not in the record.</param>
    public static byte[] Write(
        TorrentStorage storage,
        PieceSet have,
        IReadOnlyList<DiskEntry?> entries,
        DateTimeOffset savedAt
    )
    {
        var writer = new BencodeWriter().BeginDictionary();
        writer.Key("files"u8).BeginList();
        foreach (var entry in entries)
        {
            var (length, modified) = Stamp(entry);
            writer.Integer(length).Integer(modified);
        }
        writer.End().Key("had"u8).Bytes(have.Bytes).Key("layout"u8);
        storage.Layout.Write(writer);
        return writer.Key("saved"u8).Integer(savedAt.UtcTicks).End().ToArray();
    }

    /// <summary>Reads a record; null when it does not fit this torrent.</summary>
    public static ResumeRecord? Read(byte[] record, TorrentInfo info)
    {
        if (
            !BencodeValue.TryParse(record, BencodeMode.Strict, out var value, out _)
            || value.Find("layout"u8) is not { } written
            || StorageLayout.Read(written, info) is not { } layout
            || !value.TryGetBytes("had"u8, out var bits)
            || !PieceSet.TryRead(bits.Span, info.PieceCount, out var have)
            || !value.TryGetInteger("saved"u8, out var saved)
            || saved < 0
            || saved > DateTimeOffset.MaxValue.UtcTicks
            || !value.TryGetList("files"u8, out var list)
            || list.Count != 2 * (info.ContentFiles.Count + 1)
            || list.Any(stamp => stamp.Kind != BencodeKind.Integer)
        )
        {
            return null;
        }
        var files = new (long, long)[list.Count / 2];
        for (var i = 0; i < files.Length; i++)
        {
            files[i] = (list[2 * i].Integer, list[2 * i + 1].Integer);
        }
        return new ResumeRecord(info, layout, have, files, new DateTimeOffset(saved, TimeSpan.Zero));
    }

    /// <summary>Compares the record with the files as they are now.</summary>
    /// <param name="entries">The files, and the part file last.</param>
    /// <param name="markedAt">
    /// When we last said that we write; null when nothing was written since the record was saved.
    /// </param>
    public ResumeData Compare(IReadOnlyList<DiskEntry?> entries, DateTimeOffset? markedAt)
    {
        var toCheck = new PieceSet(info.PieceCount);
        var trusted = have.Clone();
        var ours = new HashSet<int>();
        string? missing = null;
        var inParts = new HashSet<int>(Layout.InParts);
        var partsAreKnown = IsKnown(entries[^1], markedAt) || Stamp(entries[^1]) == stamps[^1];
        for (var i = 0; i < info.ContentFiles.Count; i++)
        {
            var (file, entry) = (info.ContentFiles[i], entries[i]);
            var isSame = Stamp(entry) == stamps[i];
            if (inParts.Contains(i) && (isSame || entry is null))
            {
                if (!partsAreKnown)
                {
                    MovePieces(file, 0, trusted, toCheck);
                }
                continue;
            }
            if (entry is null && stamps[i].Length > 0)
            {
                missing ??= Layout.PathOf(file).Full;
            }
            // A file that was in the part file is there: it became wanted just before the end.
            var wasInParts = inParts.Remove(i);
            if (isSame || IsKnown(entry, markedAt) && !wasInParts)
            {
                ours.Add(i);
                // What was not flushed may be gone, and with it the end of the file.
                MovePieces(file, entry?.Length ?? file.Length, trusted, toCheck);
            }
            else if (file.Length > 0)
            {
                MovePieces(file, 0, trusted, toCheck);
            }
        }
        return new ResumeData(trusted, toCheck, ours, Layout.WithParts(inParts), missing);
    }

    /// <summary>
    /// Whether a change is explained by what we wrote after the record was saved. Such writes only add pieces that the
    /// record does not have.
    /// </summary>
    private bool IsKnown(DiskEntry? entry, DateTimeOffset? markedAt) =>
        entry is not null
        && markedAt is { } marked
        && entry.Modified >= savedAt - EngineLimits.FileTimeTolerance
        && entry.Modified <= marked + EngineLimits.WriteMarkInterval + EngineLimits.FileTimeTolerance;

    /// <summary>Moves the pieces with bytes of the file at or after an offset in it.</summary>
    private void MovePieces(TorrentFile file, long offset, PieceSet from, PieceSet to)
    {
        if (offset >= file.Length)
        {
            return;
        }
        var last = (int)((file.End - 1) / info.PieceLength);
        for (var i = (int)((file.Offset + offset) / info.PieceLength); i <= last; i++)
        {
            // Pieces that we do not have after an offset were never there.
            if (from.Remove(new PieceIndex(i)) || offset == 0)
            {
                to.Add(new PieceIndex(i));
            }
        }
    }

    private static (long Length, long Modified) Stamp(DiskEntry? entry) =>
        entry is null ? (-1, 0) : (entry.Length, entry.Modified.UtcTicks);
}
