using Anatomic.Wire;

namespace Anatomic.Engine.Peers;

/// <summary>Where an address came from. One from the user is dialled first and may be private.</summary>
internal enum PeerSource
{
    Incoming,
    Tracker,
    User,
}

/// <summary>A peer's address and the results of dialling it.</summary>
internal sealed class PeerCandidate(Endpoint address, PeerSource source, Hash20? swarm = null)
{
    public Endpoint Address { get; } = address;

    /// <summary>The info-hash under which the address was found; null when the source named none.</summary>
    public Hash20? Swarm { get; } = swarm;
    public PeerSource Source { get; set; } = source;

    /// <summary>Consecutive failed dials.</summary>
    public int Failures { get; set; }

    /// <summary>The earliest time of the next dial.</summary>
    public DateTimeOffset NextDial { get; set; }

    /// <summary>Connected, or being dialled.</summary>
    public bool InUse { get; set; }
}
