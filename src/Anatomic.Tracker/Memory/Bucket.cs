using System.Runtime.InteropServices;
using Anatomic.Wire;

namespace Anatomic.Tracker.Memory;

/// <summary>
/// A few entries, leechers first and then seeds, without gaps: a random window of either is one contiguous copy. The
/// memory is outside the managed heap, so growing leaves no garbage. Every access is checked against the count. The
/// owner must release the bucket. Do not copy.
/// </summary>
internal unsafe struct Bucket<T>
    where T : unmanaged
{
    private T* entries;
    private ushort capacity;
    private ushort count;
    private ushort leechers;

    public readonly int Count => count;

    /// <summary>Entries below this index are leechers, the others are seeds.</summary>
    public readonly int Leechers => leechers;

    public readonly Span<T> Entries => new(entries, count);

    /// <summary>By how much the next insertion grows the bucket, in bytes; usually 0.</summary>
    public readonly long GrowthBytes =>
        count < capacity ? 0 : AllocationSize.OfBlock<T>(NextCapacity(capacity)) - AllocationSize.OfBlock<T>(capacity);

    /// <summary>Returns the index of the entry.</summary>
    public int Insert(in T entry, bool isSeed, StoreBudget budget)
    {
        if (count == capacity)
        {
            Resize(NextCapacity(capacity), budget);
        }
        var at = count++;
        entries[at] = entry;
        if (isSeed)
        {
            return at;
        }
        Swap(at, leechers);
        return leechers++;
    }

    /// <summary>Turns a leecher into a seed, or a seed into a leecher. Returns the entry's new index.</summary>
    public int ToggleSeed(int at)
    {
        Invariant.Holds((uint)at < count);
        var to = at >= leechers ? leechers++ : --leechers;
        Swap(at, to);
        return to;
    }

    /// <summary>Removes an entry. The entries behind it may move.</summary>
    public void RemoveAt(int at)
    {
        Invariant.Holds((uint)at < count);
        if (at < leechers)
        {
            Swap(at, --leechers);
            at = leechers;
        }
        Swap(at, --count);
    }

    /// <summary>Removes all entries and keeps the memory.</summary>
    public void Clear() => (count, leechers) = (0, 0);

    /// <summary>Releases memory if less than half of it is used.</summary>
    public void Shrink(StoreBudget budget)
    {
        if (capacity > 4 && count < capacity / 2)
        {
            Resize(count + (count / 8), budget);
        }
    }

    /// <summary>Removes all entries and releases the memory.</summary>
    public void Release(StoreBudget budget)
    {
        Clear();
        Resize(0, budget);
    }

    /// <summary>Prefetches the entries. Callable without a lock, because it reads only their address.</summary>
    public readonly void Prefetch(int maxCount)
    {
        var first = (byte*)entries;
        var length = Math.Min(count, maxCount) * sizeof(T);
        for (var at = 0; at < length; at += CacheLine.Bytes)
        {
            CacheLine.Prefetch(first + at);
        }
    }

    /// <summary>
    /// Odd, because of the allocator's header of 8 bytes: 8-byte entries then fill its 16-byte steps exactly.
    /// </summary>
    private static int NextCapacity(int capacity) => capacity == 0 ? 3 : (capacity + Math.Max(2, capacity / 8)) | 1;

    private readonly void Swap(int a, int b) => (entries[a], entries[b]) = (entries[b], entries[a]);

    private void Resize(int after, StoreBudget budget)
    {
        Invariant.Holds(after >= count && after <= ushort.MaxValue);
        budget.AddMemory(AllocationSize.OfBlock<T>(after) - AllocationSize.OfBlock<T>(capacity));
        if (after > 0)
        {
            entries = (T*)NativeMemory.Realloc(entries, (nuint)after * (nuint)sizeof(T));
        }
        else
        {
            NativeMemory.Free(entries);
            entries = null;
        }
        capacity = (ushort)after;
    }
}
