using Anatomic.Tracker.Memory;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Tracker.Peers;

/// <summary>The peers of one address family in a swarm. The owner must release the set. Do not copy.</summary>
internal struct PeerSet<T>
    where T : unmanaged, IPeerEntry<T>
{
    /// <summary>Maximum number of buckets merged per call: about 100 µs.</summary>
    private const int MaxMergesPerCall = 128;

    private LinearHashTable<T> buckets;

    /// <summary>Only if there are several buckets, and entries have keys.</summary>
    private DualStackIndex? pairIndex;

    public int Count { get; private set; }

    public int Leechers { get; private set; }

    /// <summary>
    /// Entries whose client also has an IPv4 entry, which is counted instead; <see cref="PairedSeeds"/> are the seeds
    /// among them.
    /// </summary>
    public int Paired { get; private set; }
    public int PairedSeeds { get; private set; }

    /// <summary>Paused entries that are counted; all of them are leechers.</summary>
    public int Paused { get; private set; }

    public readonly int Seeds => Count - Leechers;

    /// <summary>The entries are in the buckets 0 to <c>BucketCount - 1</c>.</summary>
    public readonly int BucketCount => buckets.BucketCount;

    /// <summary>The entries of a bucket: leechers first, then seeds.</summary>
    public readonly ReadOnlySpan<T> Entries(int bucket) => buckets.Read(bucket).Entries;

    public readonly int LeechersIn(int bucket) => buckets.Read(bucket).Leechers;

    public readonly T this[PeerPosition position] => buckets.Read(position.Bucket).Entries[position.Index];

    public readonly bool IsSeed(PeerPosition position) => position.Index >= buckets.Read(position.Bucket).Leechers;

    public readonly PeerPosition Find(in T peer, ulong seed)
    {
        var bucket = BucketOf(peer, seed);
        return new PeerPosition(bucket, T.IndexOf(buckets.Read(bucket).Entries, peer));
    }

    /// <summary>By how much inserting this new peer grows the set, in bytes; usually 0.</summary>
    public readonly long GrowthBytes(in T peer, ulong seed) => buckets.GrowthBytes(Count, peer.Hash(seed));

    /// <summary>Finds the entry with this <see cref="DualStackPair.Key"/>.</summary>
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

    /// <summary>Inserts a peer that is not in the set and is not paired. Returns its position.</summary>
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

    /// <summary>Replaces the link to the other family; the key must stay the same.</summary>
    public void SetPair(PeerPosition position, DualStackPair pair) => Replace(position, this[position].WithPair(pair));

    /// <summary>Gives an entry the key, and takes it from any other entry: keys must be unique.</summary>
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

    /// <summary>Turns a leecher into a seed, or a seed into a leecher. Returns the entry's new position.</summary>
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

    /// <summary>Removes an entry. Other entries of its bucket may move.</summary>
    public void RemoveAt(PeerPosition position, StoreContext store)
    {
        SetKey(position, 0, store);
        Paused -= IsCountedPaused(this[position]) ? 1 : 0;
        Leechers -= IsSeed(position) ? 0 : 1;
        Count--;
        buckets[position.Bucket].RemoveAt(position.Index);
    }

    /// <summary>Removes all entries and keeps the memory. Only for a set with one bucket.</summary>
    public void Clear()
    {
        Invariant.Holds(BucketCount == 1);
        buckets[0].Clear();
        ResetCounts();
    }

    /// <summary>Releases unused memory. Of many buckets it merges only some per call.</summary>
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

    /// <summary>Releases unused memory of one bucket.</summary>
    public void Shrink(int bucket, StoreContext store) => buckets[bucket].Shrink(store.Budget);

    /// <summary>Removes all entries and releases the memory.</summary>
    public void Release(StoreContext store)
    {
        ResetCounts();
        buckets.Release(store.Budget);
        ReleasePairIndex(store);
    }

    /// <summary>
    /// Copies peers from a random window of the leechers or the seeds: those that have not expired, except the
    /// requester. The number of entries checked is bounded, so a swarm full of expired peers costs no more.
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
        // A random hash, not a random bucket: a bucket that is not split yet has twice the entries and is chosen twice
        // as often.
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

    /// <summary>Prefetches the entries of a set with one bucket. Callable without a lock.</summary>
    public readonly void Prefetch() => buckets.Prefetch();

    private readonly int BucketOf(in T peer, ulong seed) => BucketCount == 1 ? 0 : buckets.BucketOf(peer.Hash(seed));

    private static bool IsCountedPaused(in T entry) => PeerAge.IsPaused(entry.State) && !entry.Pair.IsPresent;

    /// <summary>Stores another state or pair of the same peer, and updates the counts.</summary>
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
