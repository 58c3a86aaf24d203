using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Fuzz.Targets;

/// <summary>Accepted torrents are consistent and survive rewriting.</summary>
internal sealed class MetainfoTarget : IFuzzTarget
{
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
        foreach (var piece in (int[])[0, info.PieceCount / 2, info.PieceCount - 1])
        {
            var index = new PieceIndex(piece);
            var size = info.PieceSize(index);
            Invariant.Holds(size > 0 && size <= info.PieceLength && info.PieceContentSize(index) <= size);
            Invariant.Holds(!info.HasV2 || !metainfo.HasAllPieceLayers || metainfo.PieceHashV2(index) is not null);
        }
        var paths = info.ContentFiles.Select(file => file.Display).ToArray();
        Invariant.Holds(paths.Distinct(StringComparer.OrdinalIgnoreCase).Count() == paths.Length);
        Invariant.Holds(
            info.Files.All(file => !file.Path.Any(part => part is "" or "." or ".." || part.Contains('/')))
        );

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
    }
}
