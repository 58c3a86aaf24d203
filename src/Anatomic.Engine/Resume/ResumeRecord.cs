using System.Text;
using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Resume;

/// <summary>What is remembered of one torrent: where it lies, the pieces that are had, and how its files looked then.</summary>
internal static class ResumeRecord
{
    public static byte[] Write(TorrentStorage storage, PieceSet had)
    {
        var writer = new BencodeWriter().BeginDictionary();
        writer.Key("files"u8).BeginList();
        foreach (var file in storage.Info.ContentFiles)
        {
            var (length, modified) = Facts(storage, file);
            writer.Integer(length).Integer(modified);
        }
        writer.End().Key("had"u8).Bytes(had.Bytes).Key("root"u8).Text(storage.Root);
        return writer.End().ToArray();
    }

    /// <summary>Null when it is not of this torrent in this place.</summary>
    public static ResumeData? Read(byte[] record, TorrentStorage storage)
    {
        var info = storage.Info;
        if (
            !BencodeValue.TryParse(record, BencodeMode.Strict, out var value, out _)
            || !value.TryGetBytes("root"u8, out var root)
            || !root.Span.SequenceEqual(Encoding.UTF8.GetBytes(storage.Root))
            || !value.TryGetBytes("had"u8, out var bits)
            || !PieceSet.TryRead(bits.Span, info.PieceCount, out var had)
            || !value.TryGetList("files"u8, out var facts)
            || facts.Count != 2 * info.ContentFiles.Count
            || facts.Any(fact => fact.Kind != BencodeKind.Integer)
        )
        {
            return null;
        }
        var check = new PieceSet(info.PieceCount);
        for (var i = 0; i < info.ContentFiles.Count; i++)
        {
            var file = info.ContentFiles[i];
            if (file.Length > 0 && Facts(storage, file) != (facts[2 * i].Integer, facts[2 * i + 1].Integer))
            {
                Move(info, file, had, check);
            }
        }
        return new ResumeData(had, check);
    }

    private static void Move(TorrentInfo info, TorrentFile file, PieceSet had, PieceSet check)
    {
        var last = (int)((file.End - 1) / info.PieceLength);
        for (var piece = (int)(file.Offset / info.PieceLength); piece <= last; piece++)
        {
            had.Remove(piece);
            check.Add(piece);
        }
    }

    /// <summary>Length and time of the last write; a missing file is -1 long.</summary>
    private static (long Length, long Modified) Facts(TorrentStorage storage, TorrentFile file) =>
        storage.Find(file) is { } entry ? (entry.Length, entry.Modified.UtcTicks) : (-1, 0);
}
