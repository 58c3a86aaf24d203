namespace Anatomic.Tracker.Swarms;

/// <summary>
/// Where, in a set of several buckets, the entry with a <see cref="DualStackPair.Key"/> stands. No two entries of a set share one.
/// </summary>
internal sealed class DualStackIndex
{
    private LinearHashTable<Pointer> pointers;
    private int count;

    /// <summary>The hash of the address of the entry with this key; null: there is none.</summary>
    public uint? Find(uint key, ulong seed)
    {
        ref readonly var bucket = ref pointers.Read(pointers.BucketOf(Pointer.HashOf(key, seed)));
        var at = PlaceOf(bucket, key);
        return at < 0 ? null : bucket.Entries[at].AddressHash;
    }

    public void Add(uint key, uint addressHash, ShardContext shard)
    {
        pointers[pointers.BucketOf(Pointer.HashOf(key, shard.Seed))]
            .Insert(new Pointer(key, addressHash), isSeed: true, shard.StoreBudget);
        pointers.TryGrow(++count, shard.Seed, shard.StoreBudget);
    }

    public void Remove(uint key, ShardContext shard)
    {
        ref var bucket = ref pointers[pointers.BucketOf(Pointer.HashOf(key, shard.Seed))];
        var at = PlaceOf(bucket, key);
        if (at >= 0)
        {
            bucket.RemoveAt(at);
            bucket.Shrink(shard.StoreBudget);
            pointers.TryShrink(--count, shard.StoreBudget);
        }
    }

    public void Release(ShardContext shard)
    {
        pointers.Release(shard.StoreBudget);
        count = 0;
    }

    private static int PlaceOf(in Bucket<Pointer> bucket, uint key)
    {
        var all = bucket.Entries;
        for (var at = 0; at < all.Length; at++)
        {
            if (all[at].Key == key)
            {
                return at;
            }
        }
        return -1;
    }

    private readonly record struct Pointer(uint Key, uint AddressHash) : IHashed
    {
        public static uint HashOf(uint key, ulong seed) => (uint)(Mixing.Mix(key ^ seed) >> 32);

        public uint Hash(ulong seed) => HashOf(Key, seed);
    }
}
