using Anatomic.Wire;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Fuzz.Targets;

/// <summary>
/// Accepted torrents are consistent, answer everything that checking and downloading ask, and survive rewriting.
/// </summary>
internal sealed class MetainfoTarget : IFuzzTarget
{
    // Enough for every torrent of the corpus; a v2 torrent can claim two million of them for free.
    private const int MaxPieces = 256;

    public string Name => "metainfo";

    public IReadOnlyList<byte[]> Tokens { get; } =
    [
        [.. "i0e"u8],
        [.. "i-1e"u8],
        [.. "i16384e"u8],
        [.. "i9223372036854775807e"u8],
        [.. "4:attr1:p"u8],
        [.. "4:attr1:l"u8],
        [.. "2:.."u8],
        [.. "0:"u8],
        [.. "12:meta versioni2e"u8],
        [.. "d0:d6:lengthi0eee"u8],
        [.. "i1.5e"u8],
        [.. "i99999999999999999999999e"u8],
        [.. "10:path.utf-8"u8],
        [.. "12:symlink path"u8],
        [.. "11:pieces root32:"u8, .. Enumerable.Repeat((byte)9, 32)],
    ];

    public void Run(byte[] input)
    {
        var fine = TorrentMetainfo.TryRead(input, out var metainfo, out var fault);
        Invariant.Holds(fine == fault is null);
        if (metainfo is null)
        {
            return;
        }
        var info = metainfo.Info;
        Invariant.Holds(info.PieceCount is > 0 and <= MetainfoLimits.MaxPieces);
        Invariant.Holds(info.Size > 0 && info.Size <= info.SpaceLength && info.SwarmIds.Count is 1 or 2);
        CheckPieces(metainfo);
        CheckFiles(info);
        CheckAround(metainfo);
    }

    /// <summary>What checking, downloading and seeding ask about pieces.</summary>
    private static void CheckPieces(TorrentMetainfo metainfo)
    {
        var info = metainfo.Info;
        var pieces = Enumerable
            .Range(0, Math.Min(info.PieceCount, MaxPieces))
            .Concat([info.PieceCount / 2, info.PieceCount - 1])
            .Concat(info.Files.Where(file => file.Length > 0).Select(file => (int)(file.Offset / info.PieceLength)))
            .Concat(info.Files.Where(file => file.Length > 0).Select(file => (int)((file.End - 1) / info.PieceLength)));
        foreach (var piece in pieces.Distinct().Select(piece => new PieceIndex(piece)))
        {
            var begin = (long)piece.Value * info.PieceLength;
            var size = info.PieceSize(piece);
            var content = info.PieceContentSize(piece);
            Invariant.Holds(size > 0 && size <= info.PieceLength && content >= 0 && content <= size);
            var inside = info.FilesIn(begin, size).ToArray();
            Invariant.Holds(inside.Length > 0 && inside[0] == info.FileAt(begin));
            Invariant.Holds(
                inside.Sum(file => Math.Min(file.End, begin + size) - Math.Max(file.Offset, begin)) == size
            );
            Invariant.Holds(!info.HasV1 || info.PieceHashV1(piece) == info.PieceHashV1(piece));
            // A piece of nothing but padding behind a hybrid's last file has no tree.
            var hasTree = info.HasV2 && metainfo.HasAllPieceLayers && !inside[0].IsPadding;
            Invariant.Holds(!hasTree || metainfo.PieceHashV2(piece) is not null);
            Invariant.Holds(info.HasV1 || content == size);
        }
        foreach (var (root, layer) in metainfo.PieceLayers)
        {
            Invariant.Holds(Merkle.RootOfLayer(layer.Span, info.PieceLength) == root);
            Invariant.Holds(!metainfo.MissingPieceLayers.Any(file => file.PiecesRoot == root));
        }
        if (info.PieceCount <= MaxPieces)
        {
            Invariant.Holds(Pieces(info).Sum(piece => (long)info.PieceContentSize(piece)) >= info.Size);
        }
    }

    private static void CheckFiles(TorrentInfo info)
    {
        Invariant.Holds(info.ContentFiles.Count > 0 && info.ContentFiles.Sum(file => file.Length) == info.Size);
        Invariant.Holds(info.Files.Select((file, place) => file.Index == place).All(fine => fine));
        foreach (var file in info.Files)
        {
            Invariant.Holds(file.Offset >= 0 && file.Length >= 0 && file.End <= info.SpaceLength);
            Invariant.Holds(file.Length == 0 || file.LinkTarget is null);
            Invariant.Holds(!info.HasV2 || file.IsPadding || file.Length > 0 == file.PiecesRoot is not null);
            Invariant.Holds(file.PiecesRoot is null || Merkle.Height(file.Length) >= 0);
        }
        var paths = info.ContentFiles.Select(file => file.Display).ToArray();
        Invariant.Holds(paths.Distinct(StringComparer.OrdinalIgnoreCase).Count() == paths.Length);
        Invariant.Holds(
            info.Files.All(file => !file.Path.Any(part => part is "" or "." or ".." || part.Contains('/')))
        );
    }

    /// <summary>Torrents are rewritten, made from their info dictionaries, and given their layers by peers.</summary>
    private static void CheckAround(TorrentMetainfo metainfo)
    {
        var info = metainfo.Info;
        var rewritten = metainfo.Rewrite(
            new MetainfoEdit
            {
                AnnounceTiers =
                [
                    ["http://127.0.0.1/announce"],
                ],
            }
        );
        Invariant.Holds(TorrentMetainfo.TryRead(rewritten, out var again, out _));
        Invariant.Holds(again.Info.HashV1 == info.HashV1 && again.Info.HashV2 == info.HashV2);

        Invariant.Holds(MagnetLink.TryParse(MagnetLink.Of(metainfo).ToString(), out var link, out _));
        Invariant.Holds(link.SwarmIds.SequenceEqual(info.SwarmIds));
        if (TorrentInfo.TryRead(info.Raw, out var alone, out _))
        {
            Invariant.Holds(alone.SwarmIds.SequenceEqual(info.SwarmIds));
            var bare = TorrentMetainfo.FromInfo(alone, new MetainfoEdit { WebSeeds = metainfo.WebSeeds });
            Invariant.Holds(bare.TryWithPieceLayers(metainfo.PieceLayers, out var whole, out _));
            Invariant.Holds(whole.PieceLayers.Count == metainfo.PieceLayers.Count);
        }
    }

    private static IEnumerable<PieceIndex> Pieces(TorrentInfo info) =>
        Enumerable.Range(0, info.PieceCount).Select(piece => new PieceIndex(piece));
}
