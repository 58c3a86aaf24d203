namespace Anatomic.Federation.Sharing;

/// <summary>
/// The orders for which one partner needs a whole snapshot. A bit of the <see cref="HoldingTable"/> marks each of them;
/// this queue holds their number and where to look. It remembers the newest rows. The others are found by a walk over
/// all rows: after a start of this node or of the partner, that is all of the partner's orders.
/// </summary>
internal sealed class SnapshotQueue
{
    private const int MaxRememberedRows = 64;

    private readonly Queue<int> newest = [];
    private int walkRow;

    /// <summary>The number of orders that wait.</summary>
    public int Count { get; private set; }

    public DateTimeOffset Due { get; private set; }

    public void Add(int row, DateTimeOffset due)
    {
        Due = Count++ == 0 || due < Due ? due : Due;
        if (newest.Count < MaxRememberedRows)
        {
            newest.Enqueue(row);
        }
    }

    /// <summary>One order no longer waits.</summary>
    public void Remove() => Count--;

    public bool IsDue(DateTimeOffset now) => Count > 0 && Due <= now;

    /// <summary>The next order that waits; -1: none. It stays the next one until it no longer waits.</summary>
    /// <param name="rows">Rows are below this number.</param>
    /// <param name="isPending">Whether the order in a row waits.</param>
    public int Next(int rows, Func<int, bool> isPending)
    {
        while (newest.TryPeek(out var row))
        {
            if (row < rows && isPending(row))
            {
                return row;
            }
            newest.Dequeue();
        }
        for (var walked = 0; walked < rows && Count > 0; walked++, walkRow++)
        {
            walkRow = walkRow < rows ? walkRow : 0;
            if (isPending(walkRow))
            {
                return walkRow;
            }
        }
        return -1;
    }
}
