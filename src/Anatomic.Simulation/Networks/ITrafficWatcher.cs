using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>Sees requests and datagrams just before a host does. It must not change anything.</summary>
public interface ITrafficWatcher
{
    /// <summary>An HTTP request has reached a server.</summary>
    void OnRequest(INetworkHost host, OutboundRequest request, Endpoint from);

    /// <summary>A datagram has reached a host.</summary>
    void OnDatagram(INetworkHost host, ReadOnlyMemory<byte> datagram, Endpoint from);
}
