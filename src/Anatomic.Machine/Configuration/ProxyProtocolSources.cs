using System.Net;
using Anatomic.Wire;

namespace Anatomic.Machine.Configuration;

/// <summary>
/// Proxies whose connections begin with a header of the PROXY protocol, and whose word about the client counts.
/// </summary>
public sealed record ProxyProtocolSources
{
    /// <summary>Nobody: such a header is then no HTTP.</summary>
    public static readonly ProxyProtocolSources None = new();

    /// <summary>Connections from these networks must begin with the header; one that does not is closed.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];

    /// <summary>Connections over unix sockets must, too.</summary>
    public bool UnixSockets { get; init; }

    /// <param name="from">The connection's own remote address.</param>
    internal bool Contains(in Endpoint from, bool isUnix)
    {
        if (isUnix || Networks.Count == 0)
        {
            return isUnix && UnixSockets;
        }
        var address = from.ToAddress();
        foreach (var network in Networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }
        return false;
    }
}
