using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation;

/// <summary>
/// What a node needs of its tracker; implemented by the composition over the tracker's service. Callable from the node's loop at
/// any time; none of it waits.
/// </summary>
public interface ITrackedSwarms
{
    /// <summary>Planted: announces for it are answered from now on.</summary>
    void Admit(Hash20 swarm);

    /// <summary>No longer planted: announces are refused from now on, the peers are forgotten.</summary>
    void Withdraw(Hash20 swarm);

    /// <summary>
    /// First-hand changes since the last drain: a peer that is new, became a seed, announced again after 15 minutes, or is gone.
    /// Returns how many were written; fewer than the room means that there are no more now.
    /// </summary>
    int DrainChanges(Span<SwarmChange> into);

    /// <summary>First-hand peers, newest first.</summary>
    int Snapshot(Hash20 swarm, Span<SwarmPeer> into);

    /// <summary>First-hand totals.</summary>
    SwarmTotals Totals(Hash20 swarm);

    /// <summary>When somebody last announced to this node; <see cref="DateTimeOffset.MinValue"/>: never since the start.</summary>
    DateTimeOffset LastAnnounce(Hash20 swarm);

    /// <summary>What a partner told of its own peers. They expire as own ones do and are never passed on.</summary>
    void AddShared(
        Hash20 swarm,
        Hash32 partner,
        ReadOnlySpan<SwarmPeer> peers,
        ReadOnlySpan<Endpoint> gone,
        SwarmTotals totals
    );

    /// <summary>The partner does not hold the swarm any more.</summary>
    void ForgetShared(Hash20 swarm, Hash32 partner);
}
