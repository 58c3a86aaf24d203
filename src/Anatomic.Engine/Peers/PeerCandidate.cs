using Anatomic.Engine.Connections;
using Anatomic.Wire;

namespace Anatomic.Engine.Peers;

/// <summary>A peer's address and the results of dialling it.</summary>
internal sealed class PeerCandidate(Endpoint address, PeerSource source, Hash20? swarm = null)
{
    public Endpoint Address { get; } = address;

    /// <summary>The network of the address, of which only some candidates are kept.</summary>
    public AddressPrefix Network { get; } = AddressPrefix.NetworkOf(address);

    /// <summary>The info-hash under which the address was found; null when the source named none.</summary>
    public Hash20? Swarm { get; } = swarm;
    public PeerSource Source { get; set; } = source;

    /// <summary>BEP 40's priority between us and the address; the greatest is dialled first among equals.</summary>
    public uint Priority { get; set; }

    /// <summary>Consecutive failed dials.</summary>
    public int Failures { get; set; }

    /// <summary>The earliest time of the next dial.</summary>
    public DateTimeOffset NextDial { get; set; }

    /// <summary>Connected, or being dialled.</summary>
    public bool InUse { get; set; }
}
