using Anatomic.Federation;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Simulation.Tests.Federation;

/// <summary>A fake tracker that records what the node service does with it.</summary>
internal sealed class FakeTrackedSwarms(Func<DateTimeOffset> now) : ITrackedSwarms
{
    private readonly Queue<SwarmChange> changes = [];
    private readonly SortedDictionary<Hash20, List<SwarmPeer>> own = [];
    private readonly SortedDictionary<(Hash20, Hash32), List<SwarmPeer>> shared = [];

    public SortedSet<Hash20> Admitted { get; } = [];

    public void Announce(Hash20 swarm, SwarmPeer peer)
    {
        if (!own.TryGetValue(swarm, out var peers))
        {
            own.Add(swarm, peers = []);
        }
        peers.Insert(0, peer);
        changes.Enqueue(new SwarmChange(swarm, peer, false));
    }

    /// <summary>Peers that partners reported.</summary>
    public IReadOnlyList<SwarmPeer> SharedOf(Hash20 swarm) =>
        [.. shared.Where(entry => entry.Key.Item1 == swarm).SelectMany(entry => entry.Value)];

    public void Admit(Hash20 swarm) => Admitted.Add(swarm);

    public void Withdraw(Hash20 swarm) => Admitted.Remove(swarm);

    public int DrainChanges(Span<SwarmChange> into)
    {
        var count = 0;
        while (count < into.Length && changes.TryDequeue(out var change))
        {
            into[count++] = change;
        }
        return count;
    }

    public int Snapshot(Hash20 swarm, Span<SwarmPeer> into)
    {
        var peers = own.GetValueOrDefault(swarm, []);
        var count = Math.Min(peers.Count, into.Length);
        for (var i = 0; i < count; i++)
        {
            into[i] = peers[i];
        }
        return count;
    }

    public SwarmTotals Totals(Hash20 swarm) => new(0, own.GetValueOrDefault(swarm, []).Count);

    public DateTimeOffset LastAnnounce(Hash20 swarm) => own.ContainsKey(swarm) ? now() : DateTimeOffset.MinValue;

    public void AddShared(
        Hash20 swarm,
        Hash32 partner,
        ReadOnlySpan<SwarmPeer> peers,
        ReadOnlySpan<Endpoint> gone,
        SwarmTotals totals
    )
    {
        if (!shared.TryGetValue((swarm, partner), out var list))
        {
            shared.Add((swarm, partner), list = []);
        }
        foreach (var peer in peers)
        {
            list.RemoveAll(one => one.Address == peer.Address);
            list.Add(peer);
        }
        foreach (var address in gone)
        {
            list.RemoveAll(one => one.Address == address);
        }
    }

    public void ForgetShared(Hash20 swarm, Hash32 partner) => shared.Remove((swarm, partner));
}
