using Anatomic.Tracker.Memory;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Tracker.Peers;

/// <summary>The peers of a swarm of one family. Whoever holds a set releases it; not to be copied.</summary>
internal struct PeerSet<T>
    where T : unmanaged, IPeerEntry<T>
{
    /// <summary>BucketCount that are merged at most at a time: some 100 µs.</summary>
    private const int MaxMergesPerCall = 128;

    private LinearHashTable<T> buckets;

    /// <summary>Where there are several buckets, and entries have keys.</summary>
    private DualStackIndex? pairIndex;

    public int Count { get; private set; }

    public int Leechers { get; private set; }

    /// <summary>Entries whose twin of the other family is there and counts instead of them; of these the seeds.</summary>
    public int Paired { get; private set; }
    public int PairedSeeds { get; private set; }

    /// <summary>Those whose state says so and that count; leeches, all of them.</summary>
    public int Paused { get; private set; }

    public readonly int Seeds => Count - Leechers;

    /// <summary>All entries are in buckets from 0 up to here.</summary>
    public readonly int BucketCount => buckets.BucketCount;

    /// <summary>The leeches of a bucket in front, then its seeds.</summary>
    public readonly ReadOnlySpan<T> Entries(int bucket) => buckets.Read(bucket).Entries;

    public readonly int LeechersIn(int bucket) => buckets.Read(bucket).Leechers;

    public readonly T this[PeerPosition position] => buckets.Read(position.Bucket).Entries[position.Index];

    public readonly bool IsSeed(PeerPosition position) => position.Index >= buckets.Read(position.Bucket).Leechers;

    public readonly PeerPosition Find(in T peer, ulong seed)
    {
        var bucket = BucketOf(peer, seed);
        return new PeerPosition(bucket, T.IndexOf(buckets.Read(bucket).Entries, peer));
    }

    /// <summary>By how much this peer lets the set grow, which must not be there yet; mostly 0.</summary>
    public readonly long GrowthBytes(in T peer, ulong seed) => buckets.GrowthBytes(Count, peer.Hash(seed));

    /// <summary>Where the entry with this key of a twin is.</summary>
    public readonly PeerPosition FindByKey(uint key, ulong seed)
    {
        var bucket = 0;
        if (pairIndex is not null)
        {
            if (pairIndex.Find(key, seed) is not { } hash)
            {
                return PeerPosition.None;
            }
            bucket = buckets.BucketOf(hash);
        }
        var all = Entries(bucket);
        for (var i = 0; i < all.Length; i++)
        {
            if (all[i].Pair.Key == key)
            {
                return new PeerPosition(bucket, i);
            }
        }
        return PeerPosition.None;
    }

    /// <summary>The peer must not be there yet, and has no twin; returns where it is now.</summary>
    public PeerPosition Insert(in T peer, bool isSeed, StoreContext store)
    {
        var bucket = BucketOf(peer, store.Seed);
        var position = new PeerPosition(bucket, buckets[bucket].Insert(peer, isSeed, store.Budget));
        Count++;
        Leechers += isSeed ? 0 : 1;
        Paused += IsCountedPaused(peer) ? 1 : 0;
        if (!buckets.TryGrow(Count, store.Seed, store.Budget))
        {
            return position;
        }
        if (T.HasPairs && pairIndex is null)
        {
            BuildPairIndex(store);
        }
        return Find(peer, store.Seed);
    }

    public void SetState(PeerPosition position, ushort state) => Replace(position, this[position].WithState(state));

    /// <summary>What is known of the twin changes; its key does not.</summary>
    public void SetPair(PeerPosition position, DualStackPair twin) => Replace(position, this[position].WithPair(twin));

    /// <summary>The entry has this key from now on, and none that had it: two that share one would be taken for each other.</summary>
    public void AssignKey(PeerPosition position, uint key, StoreContext store)
    {
        if (this[position].Pair.Key != key)
        {
            var before = FindByKey(key, store.Seed);
            if (before.IsFound)
            {
                SetKey(before, 0, store);
            }
            SetKey(position, key, store);
        }
    }

    /// <summary>A leech becomes a seed, or the other way round; returns where it is now.</summary>
    public PeerPosition ToggleSeed(PeerPosition position)
    {
        var wasSeed = IsSeed(position);
        PairedSeeds +=
            !this[position].Pair.IsPresent ? 0
            : wasSeed ? -1
            : 1;
        Leechers += wasSeed ? 1 : -1;
        return position with { Index = buckets[position.Bucket].ToggleSeed(position.Index) };
    }

    /// <summary>Another entry of its bucket takes its place, if there is one behind it.</summary>
    public void RemoveAt(PeerPosition position, StoreContext store)
    {
        SetKey(position, 0, store);
        Paused -= IsCountedPaused(this[position]) ? 1 : 0;
        Leechers -= IsSeed(position) ? 0 : 1;
        Count--;
        buckets[position.Bucket].RemoveAt(position.Index);
    }

    /// <summary>Empty, with its memory kept; only for a set of one bucket.</summary>
    public void Clear()
    {
        Invariant.Holds(BucketCount == 1);
        buckets[0].Clear();
        ResetCounts();
    }

    /// <summary>Gives memory back when most of it is unused, of many buckets not all at once.</summary>
    public void Shrink(StoreContext store)
    {
        if (Count == 0)
        {
            Release(store);
            return;
        }
        for (var merged = 0; merged < MaxMergesPerCall && buckets.TryShrink(Count, store.Budget); merged++) { }
        if (BucketCount == 1)
        {
            ReleasePairIndex(store);
        }
    }

    /// <summary>Gives memory of one bucket back when most of it is unused.</summary>
    public void Shrink(int bucket, StoreContext store) => buckets[bucket].Shrink(store.Budget);

    /// <summary>Empty, with its memory given back.</summary>
    public void Release(StoreContext store)
    {
        ResetCounts();
        buckets.Release(store.Budget);
        ReleasePairIndex(store);
    }

    /// <summary>
    /// Copies peers that are alive from a window that begins anywhere among the leeches or the seeds, without
    /// <paramref name="requester"/>. Looks at a bounded number of entries, so that a swarm full of expired ones costs no more.
    /// </summary>
    public readonly int CopyWindow(
        Span<byte> into,
        int wanted,
        bool seeds,
        in T requester,
        in TrackerTime now,
        ref SplitMix64 random
    )
    {
        var (scanCount, copied) = ((2 * wanted) + 16, 0);
        // Any hash: a bucket that is not split yet has twice the entries, and comes twice as often.
        var bucket = BucketCount == 1 ? 0 : buckets.BucketOf(random.NextUInt32());
        for (var seen = 0; seen < BucketCount && scanCount > 0 && copied < wanted; seen++)
        {
            ref readonly var one = ref buckets.Read(bucket);
            ReadOnlySpan<T> part = seeds ? one.Entries[one.Leechers..] : one.Entries[..one.Leechers];
            var from = random.Next(part.Length);
            var length = Math.Min(part.Length, scanCount);
            var rest = into[(copied * T.CompactBytes)..];
            copied += T.Copy(part, from, length, rest, wanted - copied, requester, now);
            scanCount -= length;
            bucket = bucket + 1 == BucketCount ? 0 : bucket + 1;
        }
        return copied;
    }

    /// <summary>Fetches the entries of a small set for whoever will need them soon; may be called without any lock.</summary>
    public readonly void Prefetch() => buckets.Prefetch();

    private readonly int BucketOf(in T peer, ulong seed) => BucketCount == 1 ? 0 : buckets.BucketOf(peer.Hash(seed));

    private static bool IsCountedPaused(in T entry) => PeerAge.IsPaused(entry.State) && !entry.Pair.IsPresent;

    /// <summary>Another state or twin of the same peer: the counts follow.</summary>
    private void Replace(PeerPosition position, in T entry)
    {
        ref var old = ref buckets[position.Bucket].Entries[position.Index];
        Paused += (IsCountedPaused(entry) ? 1 : 0) - (IsCountedPaused(old) ? 1 : 0);
        if (T.HasPairs && entry.Pair.IsPresent != old.Pair.IsPresent)
        {
            var by = entry.Pair.IsPresent ? 1 : -1;
            Paired += by;
            PairedSeeds += IsSeed(position) ? by : 0;
        }
        old = entry;
    }

    private void SetKey(PeerPosition position, uint key, StoreContext store)
    {
        if (!T.HasPairs)
        {
            return;
        }
        var before = this[position].Pair.Key;
        if (before != 0)
        {
            pairIndex?.Remove(before, store);
        }
        Replace(position, this[position].WithPair(DualStackPair.FromKey(key)));
        if (key != 0)
        {
            pairIndex?.Add(key, this[position].Hash(store.Seed), store);
        }
    }

    private void BuildPairIndex(StoreContext store)
    {
        pairIndex = new DualStackIndex();
        for (var bucket = 0; bucket < BucketCount; bucket++)
        {
            foreach (ref readonly var peer in Entries(bucket))
            {
                if (peer.Pair.Key != 0)
                {
                    pairIndex.Add(peer.Pair.Key, peer.Hash(store.Seed), store);
                }
            }
        }
    }

    private void ReleasePairIndex(StoreContext store)
    {
        pairIndex?.Release(store);
        pairIndex = null;
    }

    private void ResetCounts() => (Count, Leechers, Paused, Paired, PairedSeeds) = (0, 0, 0, 0, 0);
}
