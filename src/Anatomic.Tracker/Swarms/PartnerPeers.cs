using Anatomic.Tracker.Memory;
using Anatomic.Tracker.Peers;
using Anatomic.Tracker.Policy;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Tracker.Swarms;

/// <summary>
/// The peers of one swarm that one partner reported. They are kept apart from local peers and never passed on.
/// </summary>
internal sealed class PartnerPeers(Hash32 partner) : PeerSets
{
    private int updatedTick;

    public Hash32 Partner => partner;

    /// <summary>The partner's own count of its local peers.</summary>
    public SwarmTotals Totals { get; private set; }

    public void Update(
        ReadOnlySpan<SwarmPeer> peers,
        ReadOnlySpan<Endpoint> gone,
        SwarmTotals totals,
        in TrackerTime now,
        ShardContext shard
    )
    {
        Totals = new SwarmTotals(Math.Max(0, totals.Seeds), Math.Max(0, totals.Leechers));
        updatedTick = now.Tick;
        foreach (var peer in gone)
        {
            if (peer.IsV4)
            {
                Remove(PeerV4.From(peer, 0), shard);
            }
            else
            {
                Remove(PeerV6.From(peer, 0), shard);
            }
        }
        foreach (var peer in peers)
        {
            if (peer.Address.IsV4)
            {
                AddOrRefresh<PeerV4>(peer, now, shard);
            }
            else
            {
                AddOrRefresh<PeerV6>(peer, now, shard);
            }
        }
    }

    public void Remove<T>(in T peer, ShardContext shard)
        where T : unmanaged, IPeerEntry<T>
    {
        ref var set = ref T.In(this);
        var position = set.Find(peer, shard.Seed);
        if (position.IsFound)
        {
            RemoveAt(ref set, position, shard);
        }
    }

    public void Sweep(in TrackerTime now, ShardContext shard)
    {
        SweepSet(ref V4, now, shard);
        SweepSet(ref V6, now, shard);
        if (now.Tick - updatedTick >= now.TimeoutTicks)
        {
            Totals = default;
        }
    }

    /// <summary>True if nothing that the partner reported is left.</summary>
    public bool IsExpired(in TrackerTime now) => Count == 0 && now.Tick - updatedTick >= now.TimeoutTicks;

    /// <summary>Removes all of the partner's peers.</summary>
    public void Clear(ShardContext shard)
    {
        shard.Budget.ReleasePeers(Count);
        shard.AddToSharedCount(-Count);
        shard.Budget.AddMemory(-AllocationSize.PartnerPeersBytes);
        Release(shard);
        Totals = default;
    }

    private void AddOrRefresh<T>(in SwarmPeer reported, in TrackerTime now, ShardContext shard)
        where T : unmanaged, IPeerEntry<T>
    {
        ref var set = ref T.In(this);
        var peer = T.From(reported.Address, PeerAge.Pack(now.Tick, now.Tick));
        var position = set.Find(peer, shard.Seed);
        if (position.IsFound)
        {
            position = set.IsSeed(position) == reported.IsSeed ? position : set.ToggleSeed(position);
            set.SetState(position, peer.State);
        }
        else if (
            Count < TrackerLimits.MaxPeersPerPartner
            && shard.Budget.TryReservePeer(set.GrowthBytes(peer, shard.Seed))
        )
        {
            set.Insert(peer, reported.IsSeed, shard);
            shard.AddToSharedCount(1);
        }
    }

    private static void SweepSet<T>(ref PeerSet<T> set, in TrackerTime now, ShardContext shard)
        where T : unmanaged, IPeerEntry<T>
    {
        for (var bucket = 0; bucket < set.BucketCount; bucket++)
        {
            for (var at = set.Entries(bucket).Length - 1; at >= 0; at--)
            {
                if (PeerAge.IsExpired(set.Entries(bucket)[at].State, now))
                {
                    RemoveAt(ref set, new PeerPosition(bucket, at), shard);
                }
            }
            set.Shrink(bucket, shard);
        }
        set.Shrink(shard);
    }

    private static void RemoveAt<T>(ref PeerSet<T> set, PeerPosition position, ShardContext shard)
        where T : unmanaged, IPeerEntry<T>
    {
        set.RemoveAt(position, shard);
        shard.AddToSharedCount(-1);
        shard.Budget.ReleasePeers(1);
    }
}
