using System.Runtime.InteropServices;
using Anatomic.Tracker.Memory;
using Anatomic.Tracker.Peers;
using Anatomic.Tracker.Policy;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;

namespace Anatomic.Tracker.Swarms;

/// <summary>The peers of one swarm: local peers in the two sets, and shared peers per partner.</summary>
internal sealed class SwarmPeers : PeerSets
{
    private List<PartnerPeers>? partners;

    /// <summary>Shared peers that did not announce here; each is counted once.</summary>
    private SwarmTotals sharedOnly;

    /// <summary>Buckets that the current sweep has yet to check; 0 if none is in progress.</summary>
    private int sweepBucketsV4;
    private int sweepBucketsV6;

    /// <summary>A span, because every announce iterates over the partners.</summary>
    public ReadOnlySpan<PartnerPeers> Partners => CollectionsMarshal.AsSpan(partners);

    /// <summary>Prefetches both sets and the shared totals. Callable without a lock.</summary>
    public void Prefetch()
    {
        CacheLine.Prefetch(ref V4);
        CacheLine.Prefetch(ref V6);
        CacheLine.Prefetch(ref sharedOnly);
    }

    public bool IsEmpty => Count == 0 && partners is null;

    /// <summary>True if the swarm's slot alone can store these peers.</summary>
    public bool FitsInSlot => V4.Count == 1 && V6.Count == 0 && partners is null;

    /// <summary>Stores a peer that announced. Null: the tracker is full.</summary>
    /// <param name="isPaused">True for a partial seed (BEP 21).</param>
    public PeerUpdate? TryAddOrUpdate<T>(
        in SwarmInfo swarm,
        in Endpoint peer,
        bool isSeed,
        bool isPaused,
        in TrackerTime now,
        ShardContext shard
    )
        where T : unmanaged, IPeerEntry<T>
    {
        ref var set = ref T.In(this);
        var key = T.From(peer, 0);
        var position = set.Find(key, shard.Seed);
        if (position.IsFound)
        {
            var state = set[position].State;
            var roleChanged = set.IsSeed(position) != isSeed;
            if (roleChanged)
            {
                position = set.ToggleSeed(position);
                shard.AddToLocalCount(isSeed, 1);
                shard.AddToLocalCount(!isSeed, -1);
            }
            var isDue = roleChanged || PeerAge.TicksSinceShared(state, now.Tick) >= shard.RenewTicks;
            var isQueued = isDue && shard.TryQueueChange(swarm, peer, isSeed, gone: false);
            var sharedTick = isQueued ? now.Tick : TickStillDue(roleChanged, state, now, shard);
            set.SetState(position, PeerAge.Pack(now.Tick, sharedTick, isPaused));
            return new PeerUpdate(position, BecameSeed: roleChanged && isSeed);
        }
        if (!shard.Budget.TryReservePeer(set.GrowthBytes(key, shard.Seed)))
        {
            return null;
        }
        var isNewQueued = shard.TryQueueChange(swarm, peer, isSeed, gone: false);
        var firstShared = isNewQueued ? now.Tick : now.Tick - shard.RenewTicks;
        var entry = key.WithState(PeerAge.Pack(now.Tick, firstShared, isPaused));
        position = set.Insert(entry, isSeed, shard);
        shard.AddToLocalCount(isSeed, 1);
        MarkAsLocal(key, shard);
        return new PeerUpdate(position, BecameSeed: false);
    }

    /// <summary>Adds a peer from a snapshot. False: the peer already exists, or the tracker is full.</summary>
    public bool TryRestore<T>(in T entry, bool isSeed, ShardContext shard)
        where T : unmanaged, IPeerEntry<T>
    {
        ref var set = ref T.In(this);
        if (set.Find(entry, shard.Seed).IsFound || !shard.Budget.TryReservePeer(set.GrowthBytes(entry, shard.Seed)))
        {
            return false;
        }
        set.Insert(entry, isSeed, shard);
        shard.AddToLocalCount(isSeed, 1);
        return true;
    }

    /// <summary>Removes a peer that stopped, along with what partners reported about it.</summary>
    /// <returns>True if the peer existed.</returns>
    public bool Remove<T>(in SwarmInfo swarm, in Endpoint peer, ShardContext shard)
        where T : unmanaged, IPeerEntry<T>
    {
        ref var set = ref T.In(this);
        var key = T.From(peer, 0);
        var position = set.Find(key, shard.Seed);
        if (!position.IsFound)
        {
            return false;
        }
        RemoveLocal(ref set, position, swarm, shard);
        foreach (var partner in Partners)
        {
            partner.Remove(key, shard);
        }
        return true;
    }

    public void AddShared(
        Hash32 partner,
        ReadOnlySpan<SwarmPeer> peers,
        ReadOnlySpan<Endpoint> gone,
        SwarmTotals totals,
        in TrackerTime now,
        ShardContext shard
    )
    {
        var shared = partners?.Find(known => known.Partner == partner);
        if (shared is null)
        {
            if (
                partners?.Count >= TrackerLimits.MaxPartners
                || !shard.Budget.HasMemory(AllocationSize.PartnerPeersBytes)
            )
            {
                return;
            }
            shard.Budget.AddMemory(AllocationSize.PartnerPeersBytes);
            shared = new PartnerPeers(partner);
            partners ??= [];
            partners.Add(shared);
        }
        shared.Update(peers, gone, totals, now, shard);
        RecountShared(shard);
    }

    public void ForgetShared(Hash32 partner, ShardContext shard)
    {
        var at = partners?.FindIndex(known => known.Partner == partner) ?? -1;
        if (at >= 0)
        {
            partners![at].Clear(shard);
            partners.RemoveAt(at);
            RecountShared(shard);
        }
    }

    public void ForgetAllShared(ShardContext shard)
    {
        foreach (var partner in Partners)
        {
            partner.Clear(shard);
        }
        (partners, sharedOnly) = (null, default);
    }

    /// <summary>
    /// Removes expired peers. Checks at most <see cref="TrackerLimits.SweepSlice"/> local entries per family. Returns
    /// true if the sweep is complete.
    /// </summary>
    public bool Sweep(in SwarmInfo swarm, in TrackerTime now, ShardContext shard)
    {
        var isDone =
            SweepLocal(ref V4, ref sweepBucketsV4, swarm, now, shard)
            & SweepLocal(ref V6, ref sweepBucketsV6, swarm, now, shard);
        if (!isDone || partners is null)
        {
            return isDone;
        }
        for (var i = partners.Count - 1; i >= 0; i--)
        {
            partners[i].Sweep(now, shard);
            if (partners[i].IsExpired(now))
            {
                partners[i].Clear(shard);
                partners.RemoveAt(i);
            }
        }
        RecountShared(shard);
        return true;
    }

    /// <summary>Removes all peers, without reporting it to partners.</summary>
    public void Clear(ShardContext shard)
    {
        shard.Budget.ReleasePeers(Count);
        shard.AddToLocalCount(isSeed: true, -(V4.Seeds + V6.Seeds));
        shard.AddToLocalCount(isSeed: false, -(V4.Leechers + V6.Leechers));
        // Otherwise IPv6 announces would be paired with IPv4 entries that no longer exist.
        shard.RecentV4Announces.Clear();
        Release(shard);
        ForgetAllShared(shard);
    }

    /// <summary>Releases the memory of all peers without updating the counts, when the store is disposed of.</summary>
    public void ReleaseAll(ShardContext shard)
    {
        Release(shard);
        foreach (var partner in Partners)
        {
            partner.Release(shard);
        }
    }

    /// <summary>
    /// The totals for scrapes: local peers and those that only partners know, or a partner's own count where that is
    /// higher. Both are lower bounds, so the maximum is used; a sum would count a peer of two nodes twice.
    /// </summary>
    public SwarmTotals KnownTotals()
    {
        var seeds = Seeds + sharedOnly.Seeds;
        var leechers = Leechers + sharedOnly.Leechers;
        foreach (var partner in Partners)
        {
            seeds = Math.Max(seeds, partner.Totals.Seeds);
            leechers = Math.Max(leechers, partner.Totals.Leechers);
        }
        return new SwarmTotals(seeds, leechers);
    }

    /// <summary>The totals with the other numbers of a scrape.</summary>
    public ScrapeCounts Scrape(int downloaded)
    {
        var totals = KnownTotals();
        return new ScrapeCounts(totals.Seeds, downloaded, totals.Leechers)
        {
            Downloaders = Math.Max(0, totals.Leechers - Paused),
        };
    }

    /// <summary>A change that was not queued stays due, until it is queued at a later announce.</summary>
    private static int TickStillDue(bool roleChanged, ushort state, in TrackerTime now, ShardContext shard) =>
        roleChanged ? now.Tick - shard.RenewTicks : PeerAge.SharedTick(state);

    private static void RemoveLocal<T>(
        ref PeerSet<T> set,
        PeerPosition position,
        in SwarmInfo swarm,
        ShardContext shard
    )
        where T : unmanaged, IPeerEntry<T>
    {
        var isSeed = set.IsSeed(position);
        var peer = set[position].Address;
        set.RemoveAt(position, shard);
        shard.AddToLocalCount(isSeed, -1);
        shard.Budget.ReleasePeers(1);
        shard.TryQueueChange(swarm, peer, isSeed, gone: true);
    }

    private static bool SweepLocal<T>(
        ref PeerSet<T> set,
        ref int remaining,
        in SwarmInfo swarm,
        in TrackerTime now,
        ShardContext shard
    )
        where T : unmanaged, IPeerEntry<T>
    {
        if (remaining == 0 || remaining > set.BucketCount)
        {
            remaining = set.BucketCount;
        }
        for (var scanned = 0; remaining > 0 && scanned < TrackerLimits.SweepSlice; remaining--)
        {
            scanned += set.Entries(remaining - 1).Length;
            SweepBucket(ref set, remaining - 1, swarm, now, shard);
        }
        if (remaining == 0)
        {
            set.Shrink(shard);
        }
        return remaining == 0;
    }

    /// <summary>Iterates backwards: entries that move into a gap have already been checked.</summary>
    private static void SweepBucket<T>(
        ref PeerSet<T> set,
        int bucket,
        in SwarmInfo swarm,
        in TrackerTime now,
        ShardContext shard
    )
        where T : unmanaged, IPeerEntry<T>
    {
        for (var at = set.Entries(bucket).Length - 1; at >= 0; at--)
        {
            var entry = set.Entries(bucket)[at];
            if (PeerAge.IsExpired(entry.State, now))
            {
                RemoveLocal(ref set, new PeerPosition(bucket, at), swarm, shard);
            }
            else if (entry.Pair.IsExpired(now))
            {
                set.SetPair(new PeerPosition(bucket, at), entry.Pair.WithoutV4());
            }
        }
        set.Shrink(bucket, shard);
    }

    /// <summary>Updates the shared totals when a peer that partners reported announces here.</summary>
    private void MarkAsLocal<T>(in T peer, ShardContext shard)
        where T : unmanaged, IPeerEntry<T>
    {
        foreach (var partner in Partners)
        {
            ref var set = ref T.In(partner);
            var position = set.Find(peer, shard.Seed);
            if (position.IsFound)
            {
                var wasSeed = set.IsSeed(position);
                sharedOnly = new SwarmTotals(
                    sharedOnly.Seeds - (wasSeed ? 1 : 0),
                    sharedOnly.Leechers - (wasSeed ? 0 : 1)
                );
                return;
            }
        }
    }

    private void RecountShared(ShardContext shard)
    {
        sharedOnly = default;
        if (partners is { Count: 0 })
        {
            partners = null;
        }
        for (var i = 0; i < Partners.Length; i++)
        {
            Recount<PeerV4>(i, shard);
            Recount<PeerV6>(i, shard);
        }
    }

    private void Recount<T>(int partner, ShardContext shard)
        where T : unmanaged, IPeerEntry<T>
    {
        ref var set = ref T.In(partners![partner]);
        var (seeds, leechers) = (sharedOnly.Seeds, sharedOnly.Leechers);
        for (var bucket = 0; bucket < set.BucketCount; bucket++)
        {
            var peers = set.Entries(bucket);
            for (var at = 0; at < peers.Length; at++)
            {
                var isKnown = T.In(this).Find(peers[at], shard.Seed).IsFound;
                for (var before = 0; before < partner && !isKnown; before++)
                {
                    isKnown = T.In(partners[before]).Find(peers[at], shard.Seed).IsFound;
                }
                var isSeed = at >= set.LeechersIn(bucket);
                seeds += !isKnown && isSeed ? 1 : 0;
                leechers += !isKnown && !isSeed ? 1 : 0;
            }
        }
        sharedOnly = new SwarmTotals(seeds, leechers);
    }
}
