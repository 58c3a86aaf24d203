using System.Net;
using Anatomic.Wire;

namespace Anatomic.Machine.Configuration;

/// <summary>
/// The proxies whose connections begin with a header of the PROXY protocol, and which are trusted about the client's
/// address.
/// </summary>
public sealed record ProxyProtocolSources
{
    /// <summary>No proxies: a PROXY header is rejected like any other input that is not HTTP.</summary>
    public static readonly ProxyProtocolSources None = new();

    /// <summary>Connections from these networks must begin with the header; others are closed.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];

    /// <summary>Whether connections over unix sockets must begin with the header as well.</summary>
    public bool UnixSockets { get; init; }

    /// <param name="from">The remote address of the connection itself.</param>
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
