using Anatomic.Tracker.Memory;
using Anatomic.World;

namespace Anatomic.Tracker.Peers;

/// <summary>
/// Finds the entry with a <see cref="DualStackPair.Key"/> in a set of several buckets. Keys are unique within a set.
/// </summary>
internal sealed class DualStackIndex
{
    private LinearHashTable<Pointer> pointers;
    private int count;

    /// <summary>Returns the address hash of the entry with this key, or null.</summary>
    public uint? Find(uint key, ulong seed)
    {
        ref readonly var bucket = ref pointers.Read(pointers.BucketOf(Pointer.HashOf(key, seed)));
        var at = PlaceOf(bucket, key);
        return at < 0 ? null : bucket.Entries[at].AddressHash;
    }

    public void Add(uint key, uint addressHash, StoreContext store)
    {
        pointers[pointers.BucketOf(Pointer.HashOf(key, store.Seed))]
            .Insert(new Pointer(key, addressHash), isSeed: true, store.Budget);
        pointers.TryGrow(++count, store.Seed, store.Budget);
    }

    public void Remove(uint key, StoreContext store)
    {
        ref var bucket = ref pointers[pointers.BucketOf(Pointer.HashOf(key, store.Seed))];
        var at = PlaceOf(bucket, key);
        if (at >= 0)
        {
            bucket.RemoveAt(at);
            bucket.Shrink(store.Budget);
            pointers.TryShrink(--count, store.Budget);
        }
    }

    public void Release(StoreContext store)
    {
        pointers.Release(store.Budget);
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
        public static uint HashOf(uint key, ulong seed) => (uint)(SplitMix64.Mix(key ^ seed) >> 32);

        public uint Hash(ulong seed) => HashOf(Key, seed);
    }
}
