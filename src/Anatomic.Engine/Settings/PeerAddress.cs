using System.Globalization;
using Anatomic.Wire;

namespace Anatomic.Engine.Settings;

/// <summary>The address of a peer as a user or a magnet link writes it.</summary>
internal static class PeerAddress
{
    /// <summary>Whether the text is an address or a host name, with a port.</summary>
    public static bool IsValid(string peer) =>
        Endpoint.TryParse(peer, out var endpoint) ? endpoint.Port > 0 : TrySplit(peer, out _, out _);

    /// <summary>Splits <c>host:port</c>; false when it is neither.</summary>
    public static bool TrySplit(string peer, out string host, out ushort port)
    {
        var colon = peer.LastIndexOf(':');
        host = colon > 0 ? peer[..colon] : "";
        port = 0;
        return Uri.CheckHostName(host) == UriHostNameType.Dns
            && ushort.TryParse(peer.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port > 0;
    }
}
