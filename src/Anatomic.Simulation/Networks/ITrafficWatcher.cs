using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Networks;

/// <summary>Sees what arrives at hosts, before they do; must change nothing.</summary>
public interface ITrafficWatcher
{
    /// <summary>An HTTP request has reached a server.</summary>
    void OnRequest(SimulatedHost at, OutboundRequest ask, Endpoint from);

    /// <summary>A datagram has reached a host.</summary>
    void OnDatagram(SimulatedHost at, ReadOnlyMemory<byte> datagram, Endpoint from);
}
