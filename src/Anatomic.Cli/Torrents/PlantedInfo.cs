using System.Text.Json;
using Anatomic.Cli.Display;
using Anatomic.Hosting;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Cli.Torrents;

/// <summary>Shows what the planter wrote into a torrent, under the key <c>anatomic</c>.</summary>
internal static class PlantedInfo
{
    /// <summary>Writes <c>{receipts, supernodes}</c>, or null for a torrent that was never planted.</summary>
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
        writer.WriteStringArray(planting.Supernodes.Select(supernode => supernode.ToString()));
        writer.WriteEndObject();
    }

    public static void Show(ConsoleOutput output, TorrentMetainfo metainfo)
    {
        if (ClientTorrents.ReadPlanting(metainfo) is not { } planting)
        {
            return;
        }
        var nodes = HumanFormat.Count(planting.Receipts.Count, "node");
        output.WriteLine($"planted      on {nodes}, when this file was written");
        foreach (var supernode in planting.Supernodes)
        {
            output.WriteLine($"supernode    {supernode}");
        }
    }
}
