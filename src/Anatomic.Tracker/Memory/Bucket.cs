using System.Runtime.InteropServices;
using Anatomic.Wire;

namespace Anatomic.Tracker.Memory;

/// <summary>
/// A few entries, leeches in front, seeds behind, without holes, so that a random window of either is a copy of neighbours. They lie
/// outside the collector's heap, where they grow in place if they can and leave no garbage. Every access is checked against their
/// number; whoever holds a bucket releases it. Not to be copied.
/// </summary>
internal unsafe struct Bucket<T>
    where T : unmanaged
{
    private T* entries;
    private ushort capacity;
    private ushort count;
    private ushort leechers;

    public readonly int Count => count;

    /// <summary>Entries from 0 up to here are leeches, the others seeds.</summary>
    public readonly int Leechers => leechers;

    public readonly Span<T> Entries => new(entries, count);

    /// <summary>By how much one more entry lets it grow; mostly 0.</summary>
    public readonly long GrowthBytes =>
        count < capacity ? 0 : AllocationSize.OfBlock<T>(NextCapacity(capacity)) - AllocationSize.OfBlock<T>(capacity);

    /// <summary>Returns where it is.</summary>
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

    /// <summary>A leech becomes a seed, or the other way round; returns where it is now.</summary>
    public int ToggleSeed(int at)
    {
        Invariant.Holds((uint)at < count);
        var to = at >= leechers ? leechers++ : --leechers;
        Swap(at, to);
        return to;
    }

    /// <summary>Another entry takes its place, if there is one behind it.</summary>
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

    /// <summary>Empty, with its memory kept.</summary>
    public void Clear() => (count, leechers) = (0, 0);

    /// <summary>Gives memory back when most of it is unused.</summary>
    public void Shrink(StoreBudget budget)
    {
        if (capacity > 4 && count < capacity / 2)
        {
            Resize(count + (count / 8), budget);
        }
    }

    /// <summary>Empty, with its memory given back.</summary>
    public void Release(StoreBudget budget)
    {
        Clear();
        Resize(0, budget);
    }

    /// <summary>
    /// Fetches the entries for whoever will need them soon. May be called without any lock: nothing is read but where they are.
    /// </summary>
    public readonly void Prefetch(int maxCount)
    {
        var first = (byte*)entries;
        var length = Math.Min(count, maxCount) * sizeof(T);
        for (var at = 0; at < length; at += CacheLine.Bytes)
        {
            CacheLine.Prefetch(first + at);
        }
    }

    /// <summary>Odd: with the 8 bytes that an allocator adds, entries of 8 bytes then fill its steps of 16.</summary>
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
