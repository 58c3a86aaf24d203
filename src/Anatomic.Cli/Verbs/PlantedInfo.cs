using System.Text;
using System.Text.Json;
using Anatomic.Cli.Display;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Cli.Verbs;

/// <summary>What the planter wrote into a torrent, under its key <c>anatomic</c>.</summary>
internal static class PlantedInfo
{
    /// <summary>Supernodes that the file names, as <c>URL#id</c>; empty when it was never planted.</summary>
    public static IReadOnlyList<string> Supernodes(TorrentMetainfo? metainfo) =>
        metainfo?.Anatomic is { } planted && planted.TryGetList("supernodes"u8, out var list)
            ?
            [
                .. list.Where(item => item.Kind == BencodeKind.Bytes)
                    .Select(item => Encoding.UTF8.GetString(item.Bytes.Span)),
            ]
            : [];

    /// <summary>An object with what is known, or null.</summary>
    public static void Write(Utf8JsonWriter writer, TorrentMetainfo? metainfo)
    {
        if (metainfo?.Anatomic is null)
        {
            writer.WriteNullValue();
            return;
        }
        writer.WriteStartObject();
        writer.WriteNumber("receipts", Receipts(metainfo));
        writer.WriteStartArray("supernodes");
        foreach (var supernode in Supernodes(metainfo))
        {
            writer.WriteStringValue(supernode);
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static void Show(Reporter reporter, TorrentMetainfo metainfo)
    {
        if (metainfo.Anatomic is null)
        {
            return;
        }
        var nodes = Receipts(metainfo);
        reporter.Line($"planted      on {nodes} {(nodes == 1 ? "node" : "nodes")}, as of the writing of this file");
        foreach (var supernode in Supernodes(metainfo))
        {
            reporter.Line($"supernode    {supernode}");
        }
    }

    private static int Receipts(TorrentMetainfo metainfo) =>
        metainfo.Anatomic is { } planted && planted.TryGetList("receipts"u8, out var list) ? list.Count : 0;
}
