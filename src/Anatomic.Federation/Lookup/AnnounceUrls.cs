using Anatomic.Wire.Network;

namespace Anatomic.Federation.Lookup;

/// <summary>The announce URLs of a node, as a .torrent names them.</summary>
internal static class AnnounceUrls
{
    /// <summary>
    /// The HTTP tracker of the first URL, then the UDP tracker (BEP 15) of the same host if the node has one.
    /// </summary>
    public static IReadOnlyList<string> Of(NodeRecord record)
    {
        var http = new Uri(record.Urls[0], "announce").AbsoluteUri;
        return record.UdpPort == 0 ? [http] : [http, $"udp://{record.Urls[0].Host}:{record.UdpPort}/announce"];
    }
}
