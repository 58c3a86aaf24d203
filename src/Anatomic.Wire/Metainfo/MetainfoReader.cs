using System.Text;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Metainfo;

/// <summary>
/// Reads a .torrent file. Malformed values outside the info dictionary are ignored, and so is everything behind its
/// end, such as a line feed; the torrent stays usable.
/// </summary>
internal static class MetainfoReader
{
    private static readonly long MaxUnixSeconds = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    public static TorrentMetainfo? Read(ReadOnlyMemory<byte> bytes, out Fault? fault)
    {
        if (bytes.Length > MetainfoLimits.MaxBytes)
        {
            fault = new Fault($"the file is longer than {MetainfoLimits.MaxBytes >> 20} MiB");
            return null;
        }
        if (!bytes.Span.StartsWith("d"u8))
        {
            fault = new Fault("this is not a .torrent file");
            return null;
        }
        if (!BencodeValue.TryParsePrefix(bytes, BencodeMode.Tolerant, out var root, out fault))
        {
            return null;
        }
        if (root.Find("info"u8) is not { } value)
        {
            fault = new Fault("this is not a torrent: it has no info dictionary", 0);
            return null;
        }
        if (!TorrentInfo.TryRead(value, out var info, out fault))
        {
            return null;
        }
        var layers = PieceLayerReader.Read(root.Find("piece layers"u8), info, out fault);
        return layers is null
            ? null
            : new TorrentMetainfo
            {
                Bytes = root.Raw,
                Info = info,
                AnnounceTiers = ReadTiers(root),
                WebSeeds = ReadWebSeeds(root.Find("url-list"u8)),
                Comment = root.TryGetText("comment"u8, out var comment) ? comment : null,
                CreatedBy = root.TryGetText("created by"u8, out var creator) ? creator : null,
                CreatedAt =
                    root.TryGetInteger("creation date"u8, out var date) && date >= 0 && date <= MaxUnixSeconds
                        ? DateTimeOffset.FromUnixTimeSeconds(date)
                        : null,
                PieceLayers = layers,
                Anatomic = root.Find("anatomic"u8),
            };
    }

    /// <summary>The tiers of BEP 12, or the single tracker of BEP 3.</summary>
    private static List<IReadOnlyList<string>> ReadTiers(BencodeValue root)
    {
        var tiers = new List<IReadOnlyList<string>>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tier in ItemsOf(root.Find("announce-list"u8)))
        {
            var urls = new List<string>();
            foreach (var item in ItemsOf(tier))
            {
                TryAddUrl(item, urls, seen);
            }
            if (urls.Count > 0)
            {
                tiers.Add(urls);
            }
        }
        var only = new List<string>();
        if (tiers.Count == 0 && root.Find("announce"u8) is { } announce && TryAddUrl(announce, only, seen))
        {
            tiers.Add(only);
        }
        return tiers;
    }

    private static List<string> ReadWebSeeds(BencodeValue? value)
    {
        var urls = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in ItemsOf(value))
        {
            TryAddUrl(item, urls, seen);
        }
        return urls;
    }

    /// <summary>
    /// The items of a list. A single string counts as a list of one, as BEP 19 allows and some writers do elsewhere.
    /// </summary>
    private static IReadOnlyList<BencodeValue> ItemsOf(BencodeValue? value) =>
        value?.Kind switch
        {
            BencodeKind.List => value.Items,
            BencodeKind.Bytes => [value],
            _ => [],
        };

    private static bool TryAddUrl(BencodeValue value, List<string> urls, HashSet<string> seen)
    {
        if (
            value.Kind != BencodeKind.Bytes
            || value.Bytes.Length > MetainfoLimits.MaxUrlChars
            || seen.Count == MetainfoLimits.MaxUrls
        )
        {
            return false;
        }
        var url = Encoding.UTF8.GetString(value.Bytes.Span).Trim();
        if (url.Length == 0 || !seen.Add(url))
        {
            return false;
        }
        urls.Add(url);
        return true;
    }
}
