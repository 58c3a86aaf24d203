using System.Net;
using System.Net.Sockets;
using Anatomic.Wire;

namespace Anatomic.Hosting;

/// <summary>Addresses of a host's own, as URLs.</summary>
internal static class HostUrls
{
    /// <summary>A network is private exactly when its name starts so.</summary>
    private const string PrivatePrefix = "local-";

    public static Uri FromEndpoint(Endpoint endpoint)
    {
        var address = endpoint.ToAddress();
        var host = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
        return new Uri($"http://{host}:{endpoint.Port}/");
    }

    /// <summary>On a private network the first address that others can dial; on a public one nothing is assumed.</summary>
    public static Uri? FindOwn(string network, IReadOnlyList<Endpoint> listening)
    {
        if (!network.StartsWith(PrivatePrefix, StringComparison.Ordinal))
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
