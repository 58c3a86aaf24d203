using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation;

/// <summary>
/// What a node needs of its tracker. Hosting implements it over the tracker's service. The node's loop may call it at
/// any time, and no call waits.
/// </summary>
public interface ITrackedSwarms
{
    /// <summary>The torrent is planted: the tracker answers announces for it from now on.</summary>
    void Admit(Hash20 swarm);

    /// <summary>The torrent is no longer planted: the tracker rejects announces and forgets the peers.</summary>
    void Withdraw(Hash20 swarm);

    /// <summary>
    /// Reads first-hand changes since the last call: a peer that is new, became a seed, announced again after 15
    /// minutes, or is gone. Returns the number written; if the span is not full, there are no more now.
    /// </summary>
    int DrainChanges(Span<SwarmChange> into);

    /// <summary>Reads first-hand peers, newest first, and returns the number written.</summary>
    int Snapshot(Hash20 swarm, Span<SwarmPeer> into);

    /// <summary>The totals of first-hand peers.</summary>
    SwarmTotals Totals(Hash20 swarm);

    /// <summary>
    /// When a client last announced to this node; <see cref="DateTimeOffset.MinValue"/>: never since the start.
    /// </summary>
    DateTimeOffset LastAnnounce(Hash20 swarm);

    /// <summary>
    /// Adds a partner's own peers. They expire as first-hand peers do, and they are never shared again.
    /// </summary>
    void AddShared(
        Hash20 swarm,
        Hash32 partner,
        ReadOnlySpan<SwarmPeer> peers,
        ReadOnlySpan<Endpoint> gone,
        SwarmTotals totals
    );

    /// <summary>The partner no longer holds the swarm: the tracker forgets the peers that it shared.</summary>
    void ForgetShared(Hash20 swarm, Hash32 partner);
}
