using System.Net;

namespace Anatomic.Simulation.Networks;

/// <summary>A host as the network sees it.</summary>
public interface INetworkHost
{
    string Name { get; }

    IReadOnlyList<IPAddress> Addresses { get; }

    /// <summary>False from a crash to the next restart: nothing reaches the host, and it sends nothing.</summary>
    bool IsUp { get; }

    /// <summary>A number of its own, so that pairs of hosts have a fixed order.</summary>
    internal int Index { get; }

    /// <summary>Its line; a crash does not change it.</summary>
    internal AccessLine Line { get; }

    /// <summary>The network stack of the running process.</summary>
    internal SimulatedNetwork Network { get; }
}
