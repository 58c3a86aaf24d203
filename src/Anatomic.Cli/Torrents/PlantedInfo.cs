using System.Text.Json;
using Anatomic.Cli.Display;
using Anatomic.Hosting;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Cli.Torrents;

/// <summary>What the planter wrote into a torrent, under its key <c>anatomic</c>.</summary>
internal static class PlantedInfo
{
    /// <summary>An object with what is known, or null.</summary>
    public static void Write(Utf8JsonWriter writer, TorrentMetainfo? metainfo)
    {
        if (ClientTorrents.ReadPlanting(metainfo) is not { } planting)
        {
            writer.WriteNullValue();
            return;
        }
        writer.WriteStartObject();
        writer.WriteNumber("receipts", planting.Receipts.Count);
        writer.WritePropertyName("supernodes");
        JsonStringArrays.Write(writer, planting.Supernodes.Select(supernode => supernode.ToString()));
        writer.WriteEndObject();
    }

    public static void Show(ConsoleOutput reporter, TorrentMetainfo metainfo)
    {
        if (ClientTorrents.ReadPlanting(metainfo) is not { } planting)
        {
            return;
        }
        var nodes = planting.Receipts.Count;
        reporter.Line($"planted      on {nodes} {(nodes == 1 ? "node" : "nodes")}, when this file was written");
        foreach (var supernode in planting.Supernodes)
        {
            reporter.Line($"supernode    {supernode}");
        }
    }
}
