using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;
using Anatomic.Wire;

namespace Anatomic.Tracker.Memory;

/// <summary>
/// A hash table that grows and shrinks by one bucket at a time (linear hashing). Splitting or merging affects two
/// buckets, so no operation depends on the size of the table. It starts with a single bucket. Do not copy.
/// </summary>
internal unsafe struct LinearHashTable<T>
    where T : unmanaged, IHashed
{
    /// <summary>
    /// The average at which a bucket is split. Scanning this many entries is as fast as an index of the same size as
    /// them.
    /// </summary>
    public const int TargetEntriesPerBucket = 128;

    /// <summary>The average below which two buckets are merged.</summary>
    private const int MinEntriesPerBucket = TargetEntriesPerBucket / 4;

    /// <summary>The only bucket; unused while there are several.</summary>
    private Bucket<T> single;
    private Bucket<T>* several;
    private int extraBuckets;

    /// <summary>At least one.</summary>
    public readonly int BucketCount => extraBuckets + 1;

    /// <summary>The bucket to which a hash belongs.</summary>
    public readonly int BucketOf(uint hash) => extraBuckets == 0 ? 0 : LinearHashing.BucketOf(hash, BucketCount);

    [UnscopedRef]
    public ref Bucket<T> this[int number] => ref extraBuckets == 0 ? ref single : ref Several(number);

    [UnscopedRef]
    public readonly ref readonly Bucket<T> Read(int number) => ref extraBuckets == 0 ? ref single : ref Several(number);

    /// <summary>
    /// By how much inserting an entry with this hash can grow a table of <paramref name="count"/> entries, in bytes;
    /// usually 0.
    /// </summary>
    public readonly long GrowthBytes(int count, uint hash) =>
        Read(BucketOf(hash)).GrowthBytes
        + (
            count < TargetEntriesPerBucket * BucketCount
                ? 0
                : AllocationSize.OfBlock<T>(TargetEntriesPerBucket) + SizeOf(BucketCount + 1) - SizeOf(BucketCount)
        );

    /// <summary>Splits a bucket if <paramref name="count"/> entries are too many. Returns true if it did.</summary>
    public bool TryGrow(int count, ulong seed, StoreBudget budget)
    {
        if (count <= TargetEntriesPerBucket * BucketCount)
        {
            return false;
        }
        Resize(BucketCount + 1, budget);
        ref var from = ref this[LinearHashing.ParentOf(BucketCount - 1)];
        ref var into = ref this[BucketCount - 1];
        for (var at = from.Count - 1; at >= 0; at--)
        {
            if (BucketOf(from.Entries[at].Hash(seed)) == BucketCount - 1)
            {
                into.Insert(from.Entries[at], isSeed: at >= from.Leechers, budget);
                from.RemoveAt(at);
            }
        }
        from.Shrink(budget);
        return true;
    }

    /// <summary>Merges two buckets if <paramref name="count"/> entries are too few. Returns true if it did.</summary>
    public bool TryShrink(int count, StoreBudget budget)
    {
        if (extraBuckets == 0 || count >= MinEntriesPerBucket * BucketCount)
        {
            return false;
        }
        ref var from = ref this[BucketCount - 1];
        ref var into = ref this[LinearHashing.ParentOf(BucketCount - 1)];
        for (var at = 0; at < from.Count; at++)
        {
            into.Insert(from.Entries[at], isSeed: at >= from.Leechers, budget);
        }
        from.Release(budget);
        Resize(BucketCount - 1, budget);
        return true;
    }

    /// <summary>Removes all entries and releases the memory.</summary>
    public void Release(StoreBudget budget)
    {
        for (var number = 0; number < BucketCount; number++)
        {
            this[number].Release(budget);
        }
        Resize(1, budget);
    }

    /// <summary>
    /// Prefetches the entries of a table with one bucket. Callable without a lock, because it reads only their address.
    /// </summary>
    public readonly void Prefetch() => single.Prefetch(TargetEntriesPerBucket);

    private readonly ref Bucket<T> Several(int number)
    {
        Invariant.Holds((uint)number < (uint)BucketCount);
        return ref several[number];
    }

    private void Resize(int number, StoreBudget budget)
    {
        var (before, after) = (CapacityFor(BucketCount), CapacityFor(number));
        budget.AddMemory(SizeOf(number) - SizeOf(BucketCount));
        if (extraBuckets == 0 && number > 1)
        {
            several = (Bucket<T>*)NativeMemory.Alloc((nuint)after, (nuint)sizeof(Bucket<T>));
            (several[0], single) = (single, default);
        }
        else if (extraBuckets > 0 && number == 1)
        {
            single = several[0];
            NativeMemory.Free(several);
            several = null;
        }
        else if (before != after)
        {
            several = (Bucket<T>*)NativeMemory.Realloc(several, (nuint)after * (nuint)sizeof(Bucket<T>));
        }
        for (var fresh = BucketCount; fresh < number; fresh++)
        {
            several[fresh] = default;
        }
        extraBuckets = number - 1;
    }

    /// <summary>The capacity for a number of buckets, in steps of an eighth or less.</summary>
    private static int CapacityFor(int number)
    {
        var step = Math.Max(8, (int)BitOperations.RoundUpToPowerOf2((uint)number) / 16);
        return number == 1 ? 0 : (number + step - 1) / step * step;
    }

    private static long SizeOf(int number) => AllocationSize.OfBlock<Bucket<T>>(CapacityFor(number));
}
