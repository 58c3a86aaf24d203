using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Tracker;

/// <summary>
/// A BitTorrent tracker: swarms in memory, announced to over HTTP and UDP. Every member may be called from any loop at any
/// time; none of them waits. <see cref="RunAsync"/> forgets the peers that fell silent, and must run.
/// </summary>
public sealed class TrackerService
{
    /// <exception cref="ArgumentException">The options are not valid; the message names every fault.</exception>
    public TrackerService(TrackerOptions options, TimeProvider clock, Entropy entropy) =>
        throw new NotSupportedException();

    /// <summary>Answers BEP 15.</summary>
    public IDatagramHandler Datagrams => throw new NotSupportedException();

    /// <summary>Answers <c>GET /announce</c> and <c>GET /scrape</c>; everything else is not its business.</summary>
    public IRequestFront Front => throw new NotSupportedException();

    /// <summary>Forgets silent peers, a small part of the swarms at a time, until stopped.</summary>
    public Task RunAsync(CancellationToken stop) => throw new NotSupportedException();

    /// <summary>Planted: announces for it are answered from now on.</summary>
    public void Admit(Hash20 swarm) => throw new NotSupportedException();

    /// <summary>No longer planted: unless the tracker is open, announces are refused from now on and its peers forgotten.</summary>
    public void Withdraw(Hash20 swarm) => throw new NotSupportedException();

    /// <summary>
    /// First-hand changes of planted swarms since the last drain: a peer that is new, became a seed (or ceased to be one), announced
    /// again after <see cref="TrackerOptions.RenewAfter"/>, or is gone. Returns how many were written; fewer than the room means that there are no more now.
    /// </summary>
    public int DrainChanges(Span<SwarmChange> into) => throw new NotSupportedException();

    /// <summary>First-hand peers, newest first; returns how many were written.</summary>
    public int Snapshot(Hash20 swarm, Span<SwarmPeer> into) => throw new NotSupportedException();

    /// <summary>First-hand totals.</summary>
    public SwarmTotals Totals(Hash20 swarm) => throw new NotSupportedException();

    /// <summary>When a peer last announced first-hand; <see cref="DateTimeOffset.MinValue"/>: not since the start.</summary>
    public DateTimeOffset LastAnnounce(Hash20 swarm) => throw new NotSupportedException();

    /// <summary>
    /// What a partner told of its own peers of a planted swarm. They expire as own ones do, fill at most half of a reply while
    /// local ones are there, and are never passed on. Nothing happens when the swarm is not known here.
    /// </summary>
    /// <param name="totals">The partner's first-hand totals, from its last batch on.</param>
    public void AddShared(
        Hash20 swarm,
        Hash32 partner,
        ReadOnlySpan<SwarmPeer> peers,
        ReadOnlySpan<Endpoint> gone,
        SwarmTotals totals
    ) => throw new NotSupportedException();

    /// <summary>The partner holds the swarm no longer.</summary>
    public void ForgetShared(Hash20 swarm, Hash32 partner) => throw new NotSupportedException();

    public TrackerFigures Figures() => throw new NotSupportedException();
}
