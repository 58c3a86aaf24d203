namespace Anatomic.Wire.Network;

/// <summary>A peer of a swarm, as nodes tell each other.</summary>
public readonly record struct SwarmPeer(Endpoint Address, bool IsSeed);

/// <summary>First-hand news of a swarm: a peer that is new, became a seed, announced again after 15 minutes, or is gone.</summary>
public readonly record struct SwarmChange(Hash20 Swarm, SwarmPeer Peer, bool Gone);

/// <summary>Peers of a swarm by kind.</summary>
public readonly record struct SwarmTotals(int Seeds, int Leechers)
{
    public int Count => Seeds + Leechers;
}
