using System.Text;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Wire.Tests.Metainfo;

/// <summary>Torrents for tests.</summary>
internal static class Torrents
{
    /// <summary>A valid v1 info dictionary; the given keys replace or add values, or remove them when empty.</summary>
    public static byte[] V1(params (string Key, string Encoded)[] changes)
    {
        var keys = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["length"] = "i100000e",
            ["name"] = "4:data",
            ["piece length"] = "i65536e",
            ["pieces"] = $"40:{new string('h', 40)}",
        };
        foreach (var (key, encoded) in changes)
        {
            keys[key] = encoded;
        }
        var text = string.Concat(keys.Where(k => k.Value.Length > 0).Select(k => $"{k.Key.Length}:{k.Key}{k.Value}"));
        return Encoding.UTF8.GetBytes($"d{text}e");
    }

    /// <summary>A hybrid of three files with valid piece layers.</summary>
    public static MetainfoDraft Hybrid()
    {
        const int piece = 16_384;
        var layer = Enumerable.Range(0, 3).SelectMany(i => new Hash32((ulong)i, 2, 3, 4).ToArray()).ToArray();
        var root = Merkle.RootOfLayer(layer, piece);
        return new MetainfoDraft
        {
            Format = TorrentFormat.Hybrid,
            Name = "set",
            IsSingleFile = false,
            PieceLength = piece,
            PieceHashesV1 = new byte[4 * 20],
            Files =
            [
                new DraftFile
                {
                    Path = ["a", "one"],
                    Length = 100,
                    PiecesRoot = new Hash32(9, 9, 9, 9),
                },
                new DraftFile
                {
                    Path = ["b"],
                    Length = 2 * piece + 1,
                    PiecesRoot = root,
                    PieceLayer = layer,
                },
                new DraftFile { Path = ["c"], Length = 0 },
            ],
        };
    }

    public static TorrentMetainfo Read(byte[] bytes)
    {
        TorrentMetainfo.TryRead(bytes, out var metainfo, out var fault).ShouldBeTrue(fault?.ToString());
        return metainfo;
    }

    public static TorrentInfo Info(byte[] bytes)
    {
        TorrentInfo.TryRead(bytes, out var info, out var fault).ShouldBeTrue(fault?.ToString());
        return info;
    }

    public static string Refuse(byte[] info)
    {
        TorrentInfo.TryRead(info, out _, out var fault).ShouldBeFalse();
        return fault!.ToString();
    }
}
