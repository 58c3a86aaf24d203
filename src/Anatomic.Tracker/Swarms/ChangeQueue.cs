using System.Runtime.InteropServices;
using Anatomic.Tracker.Memory;
using Anatomic.Wire.Network;

namespace Anatomic.Tracker.Swarms;

/// <summary>
/// A bounded queue that grows on demand and releases its memory when it becomes empty: after a burst of peers, the
/// queues of all shards would hold more memory than many swarms. The memory is outside the managed heap, so growing
/// leaves no garbage. The owner must release the queue.
/// </summary>
internal sealed unsafe class ChangeQueue(int maxCount, StoreBudget budget)
{
    private const int InitialCapacity = 8;

    /// <summary>The capacity that is kept when the queue becomes empty.</summary>
    private const int RetainedCapacity = 32;

    private SwarmChange* ring;
    private int capacity;
    private int first;
    private int count;

    /// <summary>Readable without the shard's lock, as a hint.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>False: the queue or the memory budget is full.</summary>
    public bool TryEnqueue(in SwarmChange change)
    {
        if (count == capacity && !TryGrow())
        {
            return false;
        }
        ring[(first + count) % capacity] = change;
        count++;
        return true;
    }

    /// <summary>Removes the oldest changes that fit, and returns their number.</summary>
    public int Dequeue(Span<SwarmChange> into)
    {
        var dequeued = Math.Min(count, into.Length);
        Copy(into[..dequeued]);
        count -= dequeued;
        first = count == 0 ? 0 : (first + dequeued) % capacity;
        if (count == 0 && capacity > RetainedCapacity)
        {
            Release();
        }
        return dequeued;
    }

    /// <summary>Removes all changes and releases the memory.</summary>
    public void Release()
    {
        budget.AddMemory(-AllocationSize.OfBlock<SwarmChange>(capacity));
        NativeMemory.Free(ring);
        ring = null;
        (capacity, first, count) = (0, 0, 0);
    }

    private bool TryGrow()
    {
        var larger = Math.Min(maxCount, Math.Max(InitialCapacity, 2 * capacity));
        var more = AllocationSize.OfBlock<SwarmChange>(larger) - AllocationSize.OfBlock<SwarmChange>(capacity);
        if (larger == capacity || !budget.HasMemory(more))
        {
            return false;
        }
        budget.AddMemory(more);
        var moved = (SwarmChange*)NativeMemory.Alloc((nuint)larger, (nuint)sizeof(SwarmChange));
        Copy(new Span<SwarmChange>(moved, count));
        NativeMemory.Free(ring);
        ring = moved;
        (capacity, first) = (larger, 0);
        return true;
    }

    private void Copy(Span<SwarmChange> into)
    {
        var behind = Math.Min(into.Length, capacity - first);
        new ReadOnlySpan<SwarmChange>(ring + first, behind).CopyTo(into);
        new ReadOnlySpan<SwarmChange>(ring, into.Length - behind).CopyTo(into[behind..]);
    }
}
