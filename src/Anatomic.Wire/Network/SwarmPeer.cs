namespace Anatomic.Wire.Network;

/// <summary>A peer of a swarm, as shared between nodes.</summary>
public readonly record struct SwarmPeer(Endpoint Address, bool IsSeed);

/// <summary>
/// A first-hand change of a swarm: a peer is new, became a seed, announced again after 15 minutes, or left.
/// </summary>
public readonly record struct SwarmChange(Hash20 Swarm, SwarmPeer Peer, bool Gone);

/// <summary>Numbers of seeds and leechers of a swarm.</summary>
public readonly record struct SwarmTotals(int Seeds, int Leechers)
{
    public int Count => Seeds + Leechers;
}
