using Anatomic.Wire.Network;

namespace Anatomic.Federation.Lookup;

/// <summary>The trackers of a node, as a .torrent names them.</summary>
internal static class AnnounceUrls
{
    /// <summary>The first url's HTTP tracker, then the UDP tracker at the same host (BEP 15), where there is one.</summary>
    public static IReadOnlyList<string> Of(NodeRecord record)
    {
        var http = new Uri(record.Urls[0], "announce").AbsoluteUri;
        return record.UdpPort == 0 ? [http] : [http, $"udp://{record.Urls[0].Host}:{record.UdpPort}/announce"];
    }
}
