using Anatomic.Tracker.Policy;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Tracker.Swarms;

/// <summary>What one partner told of one swarm: never passed on, and kept apart from what is known first-hand.</summary>
internal sealed class SharedPeers(Hash32 partner) : PeerSets
{
    private int updatedTick;

    public Hash32 Partner => partner;

    /// <summary>The partner's own count of its first-hand peers.</summary>
    public SwarmTotals Totals { get; private set; }

    public void Take(
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
                Put<PeerV4>(peer, now, shard);
            }
            else
            {
                Put<PeerV6>(peer, now, shard);
            }
        }
    }

    public void Remove<T>(in T peer, ShardContext shard)
        where T : unmanaged, IPeerEntry<T>
    {
        ref var set = ref T.In(this);
        var place = set.Find(peer, shard.Seed);
        if (place.IsThere)
        {
            RemoveAt(ref set, place, shard);
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

    /// <summary>Nothing that the partner told is left.</summary>
    public bool IsOver(in TrackerTime now) => Count == 0 && now.Tick - updatedTick >= now.TimeoutTicks;

    /// <summary>The partner is forgotten, and with it its peers.</summary>
    public void Clear(ShardContext shard)
    {
        shard.StoreBudget.ReleasePeers(Count);
        shard.CountShared(-Count);
        shard.StoreBudget.AddMemory(-AllocationSize.SharedPeersBytes);
        Release(shard);
        Totals = default;
    }

    private void Put<T>(in SwarmPeer told, in TrackerTime now, ShardContext shard)
        where T : unmanaged, IPeerEntry<T>
    {
        ref var set = ref T.In(this);
        var peer = T.From(told.Address, PeerAge.Pack(now.Tick, now.Tick));
        var place = set.Find(peer, shard.Seed);
        if (place.IsThere)
        {
            place = set.IsSeed(place) == told.IsSeed ? place : set.Flip(place);
            set.Touch(place, peer.State);
        }
        else if (
            Count < TrackerLimits.MaxSharedPerPartner
            && shard.StoreBudget.TryReservePeer(set.GrowthBytes(peer, shard.Seed))
        )
        {
            set.Insert(peer, told.IsSeed, shard);
            shard.CountShared(1);
        }
    }

    private static void SweepSet<T>(ref PeerSet<T> set, in TrackerTime now, ShardContext shard)
        where T : unmanaged, IPeerEntry<T>
    {
        for (var bucket = 0; bucket < set.Buckets; bucket++)
        {
            for (var at = set.Entries(bucket).Length - 1; at >= 0; at--)
            {
                if (PeerAge.IsOver(set.Entries(bucket)[at].State, now))
                {
                    RemoveAt(ref set, new PeerPosition(bucket, at), shard);
                }
            }
            set.Shrink(bucket, shard);
        }
        set.Shrink(shard);
    }

    private static void RemoveAt<T>(ref PeerSet<T> set, PeerPosition place, ShardContext shard)
        where T : unmanaged, IPeerEntry<T>
    {
        set.RemoveAt(place, shard);
        shard.CountShared(-1);
        shard.StoreBudget.ReleasePeers(1);
    }
}
