using System.Runtime.InteropServices;
using Anatomic.Tracker.Memory;
using Anatomic.Tracker.Peers;
using Anatomic.Tracker.Policy;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;

namespace Anatomic.Tracker.Swarms;

/// <summary>The peers of one swarm: the first-hand ones in the sets, and what each partner told beside them.</summary>
internal sealed class SwarmPeers : PeerSets
{
    private List<PartnerPeers>? partners;

    /// <summary>Peers that only partners know, each counted once.</summary>
    private SwarmTotals sharedOnly;

    /// <summary>Buckets that the present sweep has yet to look at; 0: none is under way.</summary>
    private int sweepBucketsV4;
    private int sweepBucketsV6;

    /// <summary>As a span: the list is gone through at every announce.</summary>
    public ReadOnlySpan<PartnerPeers> Partners => CollectionsMarshal.AsSpan(partners);

    /// <summary>Fetches both sets and what partners told; may be called without any lock.</summary>
    public void Prefetch()
    {
        CacheLine.Prefetch(ref V4);
        CacheLine.Prefetch(ref V6);
        CacheLine.Prefetch(ref sharedOnly);
    }

    public bool IsEmpty => Count == 0 && partners is null;

    /// <summary>What a single entry of a swarm's slot can hold as well.</summary>
    public bool FitsInSlot => V4.Count == 1 && V6.Count == 0 && partners is null;

    /// <summary>A first-hand announce; null: there is no room for one more peer.</summary>
    /// <param name="isPaused">It is no seed and wants nothing more (BEP 21).</param>
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
            var flips = set.IsSeed(position) != isSeed;
            if (flips)
            {
                position = set.ToggleSeed(position);
                shard.AddToLocalCount(isSeed, 1);
                shard.AddToLocalCount(!isSeed, -1);
            }
            var isDue = flips || PeerAge.TicksSinceShared(state, now.Tick) >= shard.RenewTicks;
            var told = isDue && shard.TryQueueChange(swarm, peer, isSeed, gone: false);
            var sharedTick = told ? now.Tick : StillDue(flips, state, now, shard);
            set.SetState(position, PeerAge.Pack(now.Tick, sharedTick, isPaused));
            return new PeerUpdate(position, BecameSeed: flips && isSeed);
        }
        if (!shard.Budget.TryReservePeer(set.GrowthBytes(key, shard.Seed)))
        {
            return null;
        }
        var isTold = shard.TryQueueChange(swarm, peer, isSeed, gone: false);
        var firstShared = isTold ? now.Tick : now.Tick - shard.RenewTicks;
        var entry = key.WithState(PeerAge.Pack(now.Tick, firstShared, isPaused));
        position = set.Insert(entry, isSeed, shard);
        shard.AddToLocalCount(isSeed, 1);
        MarkAsLocal(key, shard);
        return new PeerUpdate(position, BecameSeed: false);
    }

    /// <summary>A peer of before the start. False: it is there already, or there is no room.</summary>
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

    /// <summary>The peer says that it is gone: what partners told of it is forgotten, too.</summary>
    /// <returns>Whether it was known.</returns>
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
    /// Forgets who has not announced for too long, at most <see cref="TrackerLimits.SweepSlice"/> own entries of each family at
    /// a time. True: all have been looked at.
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

    /// <summary>Forgets everybody, without a word to anyone.</summary>
    public void Clear(ShardContext shard)
    {
        shard.Budget.ReleasePeers(Count);
        shard.AddToLocalCount(isSeed: true, -(V4.Seeds + V6.Seeds));
        shard.AddToLocalCount(isSeed: false, -(V4.Leechers + V6.Leechers));
        // Its announces must not be taken for those of peers that are there.
        shard.RecentV4Announces.Clear();
        Release(shard);
        ForgetAllShared(shard);
    }

    /// <summary>Gives the memory of the peers back and counts nobody: the end of all.</summary>
    public void ReleaseAll(ShardContext shard)
    {
        Release(shard);
        foreach (var partner in Partners)
        {
            partner.Release(shard);
        }
    }

    /// <summary>
    /// What a scrape says: own peers and those that only partners know, or what one partner counts where that is more. Each is a
    /// lower bound of the truth, so the larger one of each kind is taken; sums would count a peer of two nodes twice.
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

    /// <summary>The same with what a scrape says beside it.</summary>
    public ScrapeCounts Scrape(int downloaded)
    {
        var totals = KnownTotals();
        return new ScrapeCounts(totals.Seeds, downloaded, totals.Leechers)
        {
            Downloaders = Math.Max(0, totals.Leechers - Paused),
        };
    }

    private static int StillDue(bool flips, ushort state, in TrackerTime now, ShardContext shard) =>
        flips ? now.Tick - shard.RenewTicks : PeerAge.SharedTick(state);

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

    /// <param name="hand">Buckets that the present sweep has yet to look at; 0: none is under way.</param>
    private static bool SweepLocal<T>(
        ref PeerSet<T> set,
        ref int hand,
        in SwarmInfo swarm,
        in TrackerTime now,
        ShardContext shard
    )
        where T : unmanaged, IPeerEntry<T>
    {
        if (hand == 0 || hand > set.BucketCount)
        {
            hand = set.BucketCount;
        }
        for (var looked = 0; hand > 0 && looked < TrackerLimits.SweepSlice; hand--)
        {
            looked += set.Entries(hand - 1).Length;
            SweepBucket(ref set, hand - 1, swarm, now, shard);
        }
        if (hand == 0)
        {
            set.Shrink(shard);
        }
        return hand == 0;
    }

    /// <summary>From the end to the beginning: whatever fills a gap has been looked at already.</summary>
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

    /// <summary>A peer that partners knew has announced here.</summary>
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
