using System.Text;
using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Resume;

/// <summary>
/// Reads and writes the stored resume data of one torrent: its location, its pieces, and the length and write time of
/// each file.
/// </summary>
internal static class ResumeRecord
{
    public static byte[] Write(TorrentStorage storage, PieceSet have)
    {
        var writer = new BencodeWriter().BeginDictionary();
        writer.Key("files"u8).BeginList();
        foreach (var file in storage.Info.ContentFiles)
        {
            var (length, modified) = Stamp(storage, file);
            writer.Integer(length).Integer(modified);
        }
        writer.End().Key("had"u8).Bytes(have.Bytes).Key("root"u8).Text(storage.Root);
        return writer.End().ToArray();
    }

    /// <summary>Reads a record; null when it does not fit this torrent at this location.</summary>
    public static ResumeData? Read(byte[] record, TorrentStorage storage)
    {
        var info = storage.Info;
        if (
            !BencodeValue.TryParse(record, BencodeMode.Strict, out var value, out _)
            || !value.TryGetBytes("root"u8, out var root)
            || !root.Span.SequenceEqual(Encoding.UTF8.GetBytes(storage.Root))
            || !value.TryGetBytes("had"u8, out var bits)
            || !PieceSet.TryRead(bits.Span, info.PieceCount, out var have)
            || !value.TryGetList("files"u8, out var stamps)
            || stamps.Count != 2 * info.ContentFiles.Count
            || stamps.Any(stamp => stamp.Kind != BencodeKind.Integer)
        )
        {
            return null;
        }
        var toCheck = new PieceSet(info.PieceCount);
        for (var i = 0; i < info.ContentFiles.Count; i++)
        {
            var file = info.ContentFiles[i];
            if (file.Length > 0 && Stamp(storage, file) != (stamps[2 * i].Integer, stamps[2 * i + 1].Integer))
            {
                MovePieces(info, file, have, toCheck);
            }
        }
        return new ResumeData(have, toCheck);
    }

    private static void MovePieces(TorrentInfo info, TorrentFile file, PieceSet from, PieceSet to)
    {
        var last = (int)((file.End - 1) / info.PieceLength);
        for (var i = (int)(file.Offset / info.PieceLength); i <= last; i++)
        {
            from.Remove(new PieceIndex(i));
            to.Add(new PieceIndex(i));
        }
    }

    /// <summary>The file's length and last write time; the length of a missing file is -1.</summary>
    private static (long Length, long Modified) Stamp(TorrentStorage storage, TorrentFile file) =>
        storage.Find(file) is { } entry ? (entry.Length, entry.Modified.UtcTicks) : (-1, 0);
}
