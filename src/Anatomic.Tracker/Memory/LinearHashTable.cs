using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;
using Anatomic.Wire;

namespace Anatomic.Tracker.Memory;

/// <summary>
/// Entries spread over buckets by their hash, one bucket at first. When there are too many for their number, one bucket is split in
/// two; when there are too few, that is taken back. So however many entries there are, no operation touches extraBuckets than two buckets.
/// Not to be copied.
/// </summary>
internal unsafe struct LinearHashTable<T>
    where T : unmanaged, IHashed
{
    /// <summary>On average. Looking through so many is as fast as an index, which would take as much memory as they do.</summary>
    public const int TargetEntriesPerBucket = 128;

    /// <summary>Below this average buckets become fewer.</summary>
    private const int MinEntriesPerBucket = TargetEntriesPerBucket / 4;

    /// <summary>The only one, and not used when there are several.</summary>
    private Bucket<T> single;
    private Bucket<T>* several;
    private int extraBuckets;

    /// <summary>Of buckets; at least one.</summary>
    public readonly int BucketCount => extraBuckets + 1;

    /// <summary>The number of the bucket in which an entry with this hash stands, or would.</summary>
    public readonly int BucketOf(uint hash) => extraBuckets == 0 ? 0 : LinearHashing.BucketOf(hash, BucketCount);

    [UnscopedRef]
    public ref Bucket<T> this[int number] => ref extraBuckets == 0 ? ref single : ref Several(number);

    [UnscopedRef]
    public readonly ref readonly Bucket<T> Read(int number) => ref extraBuckets == 0 ? ref single : ref Several(number);

    /// <summary>By how much one extraBuckets entry with this hash lets it grow at most, the others being so many; mostly 0.</summary>
    public readonly long GrowthBytes(int count, uint hash) =>
        Read(BucketOf(hash)).GrowthBytes
        + (
            count < TargetEntriesPerBucket * BucketCount
                ? 0
                : AllocationSize.OfBlock<T>(TargetEntriesPerBucket) + SizeOf(BucketCount + 1) - SizeOf(BucketCount)
        );

    /// <summary>Makes one bucket extraBuckets when so many entries are too many. True: it did.</summary>
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

    /// <summary>Makes one bucket fewer when so many entries are few for them. True: it did.</summary>
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

    /// <summary>Empty, with the memory given back.</summary>
    public void Release(StoreBudget budget)
    {
        for (var number = 0; number < BucketCount; number++)
        {
            this[number].Release(budget);
        }
        Resize(1, budget);
    }

    /// <summary>May be called without any lock: nothing is read but where the entries of a single bucket are.</summary>
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

    /// <summary>Buckets that there is memory for, in steps of an eighth or less.</summary>
    private static int CapacityFor(int number)
    {
        var step = Math.Max(8, (int)BitOperations.RoundUpToPowerOf2((uint)number) / 16);
        return number == 1 ? 0 : (number + step - 1) / step * step;
    }

    private static long SizeOf(int number) => AllocationSize.OfBlock<Bucket<T>>(CapacityFor(number));
}
