using Anatomic.Federation;
using Anatomic.Tracker;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Hosting;

/// <summary>Adapts the tracker to the node service; neither project references the other.</summary>
internal sealed class TrackedSwarms(TrackerService tracker) : ITrackedSwarms
{
    public void Admit(Hash20 swarm) => tracker.Admit(swarm);

    public void Withdraw(Hash20 swarm) => tracker.Withdraw(swarm);

    public int DrainChanges(Span<SwarmChange> into) => tracker.DrainChanges(into);

    public int Snapshot(Hash20 swarm, Span<SwarmPeer> into) => tracker.Snapshot(swarm, into);

    public SwarmTotals Totals(Hash20 swarm) => tracker.Totals(swarm);

    public DateTimeOffset LastAnnounce(Hash20 swarm) => tracker.LastAnnounce(swarm);

    public void AddShared(
        Hash20 swarm,
        Hash32 partner,
        ReadOnlySpan<SwarmPeer> peers,
        ReadOnlySpan<Endpoint> gone,
        SwarmTotals totals
    ) => tracker.AddShared(swarm, partner, peers, gone, totals);

    public void ForgetShared(Hash20 swarm, Hash32 partner) => tracker.ForgetShared(swarm, partner);
}
