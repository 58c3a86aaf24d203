using Anatomic.Engine.Picking;
using Anatomic.Wire;

namespace Anatomic.Engine.Peers;

/// <summary>What one peer was asked for, in the order of asking; answers come nearly in that order, so the front is looked at first.</summary>
internal sealed class OutstandingRequests
{
    private Entry[] ring = new Entry[EngineLimits.MinRequestQueue];
    private int first;

    public int Count { get; private set; }

    public Entry this[int index] => ring[(first + index) & (ring.Length - 1)];

    public void Add(PieceBlock block, long at)
    {
        if (Count == ring.Length)
        {
            Grow();
        }
        ring[(first + Count) & (ring.Length - 1)] = new Entry(block, at);
        Count++;
    }

    /// <summary>Takes the block out and tells when it was asked for; false when it was not.</summary>
    public bool TryRemove(PieceBlock block, out long at)
    {
        for (var i = 0; i < Count; i++)
        {
            var entry = this[i];
            if (entry.Block == block)
            {
                at = entry.At;
                RemoveAt(i);
                return true;
            }
        }
        at = 0;
        return false;
    }

    public void Clear()
    {
        first = 0;
        Count = 0;
    }

    private void RemoveAt(int index)
    {
        Invariant.Holds(index < Count);
        for (var i = index; i > 0; i--)
        {
            ring[(first + i) & (ring.Length - 1)] = ring[(first + i - 1) & (ring.Length - 1)];
        }
        first = (first + 1) & (ring.Length - 1);
        Count--;
    }

    private void Grow()
    {
        var larger = new Entry[ring.Length * 2];
        for (var i = 0; i < Count; i++)
        {
            larger[i] = this[i];
        }
        ring = larger;
        first = 0;
    }

    /// <param name="Block">The block.</param>
    /// <param name="At">When it was asked for, in the clock's timestamps.</param>
    public readonly record struct Entry(PieceBlock Block, long At);
}
