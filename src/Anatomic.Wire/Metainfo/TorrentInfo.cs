using System.Diagnostics.CodeAnalysis;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Metainfo;

/// <summary>A validated info dictionary: v1 (BEP 3), v2 (BEP 52), or both in a hybrid. Immutable.</summary>
public sealed class TorrentInfo
{
    // The files with data, sorted by offset for lookups in the piece space.
    private readonly TorrentFile[] extents;

    internal TorrentInfo(TorrentFile[] files)
    {
        Files = files;
        ContentFiles = files.Any(file => file.IsPadding) ? [.. files.Where(file => !file.IsPadding)] : files;
        extents = files.All(file => file.Length > 0) ? files : [.. files.Where(file => file.Length > 0)];
    }

    /// <summary>The exact bytes, from which the info-hashes are computed.</summary>
    public required ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>SHA-1 of <see cref="Raw"/>; null for a torrent that is only v2.</summary>
    public required Hash20? HashV1 { get; init; }

    /// <summary>SHA-256 of <see cref="Raw"/>; null for a torrent that is only v1.</summary>
    public required Hash32? HashV2 { get; init; }

    public bool HasV1 => HashV1 is not null;

    public bool HasV2 => HashV2 is not null;

    /// <summary>The ids used with trackers and peers: the v1 info-hash, then the truncated v2 info-hash.</summary>
    public IReadOnlyList<Hash20> SwarmIds =>
        (HashV1, HashV2) switch
        {
            ({ } v1, { } v2) => [v1, v2.Truncated],
            ({ } v1, null) => [v1],
            (null, { } v2) => [v2.Truncated],
            _ => [],
        };

    /// <summary>The torrent's cleaned name: that of its file or folder.</summary>
    public required string Name { get; init; }

    /// <summary>True for a single file directly in the download folder, false for a folder of files.</summary>
    public required bool IsSingleFile { get; init; }

    /// <summary>In bytes, 1 to 128 MiB; with v2 a power of two of at least 16 KiB.</summary>
    public required int PieceLength { get; init; }

    public required int PieceCount { get; init; }

    /// <summary>Bytes of all files, without padding.</summary>
    public required long Size { get; init; }

    /// <summary>Length of the piece space, with padding and the gaps after v2 files.</summary>
    public required long SpaceLength { get; init; }

    /// <summary>All files, with padding and links, in the order of the piece space.</summary>
    public IReadOnlyList<TorrentFile> Files { get; }

    /// <summary>The files without padding, in the same order; users select among these.</summary>
    public IReadOnlyList<TorrentFile> ContentFiles { get; }

    /// <summary>The v1 hashes, 20 bytes per piece; empty for a v2-only torrent.</summary>
    public required ReadOnlyMemory<byte> PieceHashesV1 { get; init; }

    /// <summary>Whether only peers from the torrent's own trackers may be used (BEP 27).</summary>
    public required bool IsPrivate { get; init; }

    /// <summary>The <c>source</c> tag that some trackers add; null when there is none.</summary>
    public required string? SourceTag { get; init; }

    /// <summary>
    /// Bytes of a piece as exchanged with peers. With v1 all pieces are full except the last; in a v2-only torrent, the
    /// last piece of every file ends with the file (BEP 52).
    /// </summary>
    public int PieceSize(PieceIndex piece)
    {
        Invariant.Holds((uint)piece.Value < (uint)PieceCount);
        var begin = (long)piece.Value * PieceLength;
        var end = HasV1 ? SpaceLength : extents[ExtentAt(begin)].End;
        return (int)Math.Min(PieceLength, end - begin);
    }

    /// <summary>Bytes of a piece without the padding at its end, which is zeros.</summary>
    public int PieceContentSize(PieceIndex piece)
    {
        var begin = (long)piece.Value * PieceLength;
        var end = begin + PieceSize(piece);
        for (var i = ExtentAt(end - 1); i >= 0 && extents[i].IsPadding && end > begin; i--)
        {
            end = Math.Max(begin, extents[i].Offset);
        }
        return (int)(end - begin);
    }

    /// <summary>The v1 hash of a piece; requires <see cref="HasV1"/>.</summary>
    public Hash20 PieceHashV1(PieceIndex piece)
    {
        Invariant.Holds(HasV1 && (uint)piece.Value < (uint)PieceCount);
        return new Hash20(PieceHashesV1.Span.Slice(piece.Value * Hash20.Length, Hash20.Length));
    }

    /// <summary>
    /// The last file, padding included, that starts at or before an offset in the piece space. The offset may be in the
    /// gap after a v2 file. With v2 a piece belongs to one file, apart from a hybrid's padding.
    /// </summary>
    public TorrentFile FileAt(long offset) => extents[ExtentAt(offset)];

    /// <summary>The files, padding included, with bytes in a range of the piece space, in order.</summary>
    public IEnumerable<TorrentFile> FilesIn(long offset, long length)
    {
        for (var i = ExtentAt(offset); i < extents.Length && extents[i].Offset < offset + length; i++)
        {
            if (extents[i].End > offset)
            {
                yield return extents[i];
            }
        }
    }

    /// <summary>
    /// Reads an info dictionary that peers sent for a magnet link (BEP 9). What is accepted also fits into a .torrent
    /// file.
    /// </summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> raw,
        [NotNullWhen(true)] out TorrentInfo? info,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        info = null;
        var parser = new BencodeParser(raw, BencodeMode.Tolerant)
        {
            OuterDepth = 1,
            MaxValues = MetainfoLimits.MaxInfoValues,
        };
        return parser.TryReadWhole(out var value, out fault) && TryRead(value, out info, out fault);
    }

    internal static bool TryRead(
        BencodeValue value,
        [NotNullWhen(true)] out TorrentInfo? info,
        [NotNullWhen(false)] out Fault? fault
    )
    {
        var reader = new InfoReader(value);
        info = reader.Read();
        fault = info is null ? reader.Fault ?? new Fault("the info dictionary cannot be read", value.Position) : null;
        return info is not null;
    }

    private int ExtentAt(long offset)
    {
        Invariant.Holds(offset >= 0);
        var (low, high) = (0, extents.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (extents[middle].Offset <= offset)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }
        return low;
    }
}
