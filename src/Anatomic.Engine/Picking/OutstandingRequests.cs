using Anatomic.Wire;

namespace Anatomic.Engine.Picking;

/// <summary>
/// Our requests to one peer, oldest first. Blocks arrive nearly in request order, so a search starts at the oldest.
/// </summary>
internal sealed class OutstandingRequests
{
    private Entry[] ring = new Entry[EngineLimits.MinRequestQueue];
    private int first;

    public int Count { get; private set; }

    public Entry this[int index] => ring[(first + index) & (ring.Length - 1)];

    public void Add(PieceBlock block, long timestamp)
    {
        if (Count == ring.Length)
        {
            Grow();
        }
        ring[(first + Count) & (ring.Length - 1)] = new Entry(block, timestamp);
        Count++;
    }

    /// <summary>
    /// Removes the request of the block and returns its timestamp; false when there is no such request.
    /// </summary>
    public bool TryRemove(PieceBlock block, out long timestamp)
    {
        for (var i = 0; i < Count; i++)
        {
            var entry = this[i];
            if (entry.Block == block)
            {
                timestamp = entry.Timestamp;
                RemoveAt(i);
                return true;
            }
        }
        timestamp = 0;
        return false;
    }

    public void Clear()
    {
        first = 0;
        Count = 0;
    }

    public void RemoveAt(int index)
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

    /// <param name="Block">The requested block.</param>
    /// <param name="Timestamp">When it was requested, as a timestamp of the world's clock.</param>
    public readonly record struct Entry(PieceBlock Block, long Timestamp);
}
