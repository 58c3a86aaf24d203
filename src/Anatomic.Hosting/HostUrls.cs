using System.Net;
using System.Net.Sockets;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Hosting;

/// <summary>The URLs of a host's own addresses.</summary>
internal static class HostUrls
{
    public static Uri FromEndpoint(Endpoint endpoint)
    {
        var address = endpoint.ToAddress();
        var host = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
        return new Uri($"http://{host}:{endpoint.Port}/");
    }

    /// <summary>
    /// The first address that others can connect to, on a private network. On a public network null: nothing is
    /// assumed.
    /// </summary>
    public static Uri? FindOwn(NetworkName network, IReadOnlyList<Endpoint> listening)
    {
        if (!network.IsPrivate)
        {
            return null;
        }
        foreach (var endpoint in listening)
        {
            var address = endpoint.ToAddress();
            if (!address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any))
            {
                return FromEndpoint(endpoint);
            }
        }
        return null;
    }
}
