namespace Anatomic.Federation.Sharing;

/// <summary>
/// The orders of which one partner is to be told as a whole. A bit at the order says which; here is how many there are and where to
/// look: the rows of the newest, and beyond so many of them a place from which on all rows are walked. At the start of a node, or
/// after a partner's, that is all of its orders.
/// </summary>
internal sealed class SnapshotQueue
{
    /// <summary>More rows are found by walking.</summary>
    private const int MaxRemembered = 64;

    private readonly Queue<int> newest = [];
    private int walkAt;

    /// <summary>Orders that wait.</summary>
    public int Count { get; private set; }

    public DateTimeOffset Due { get; private set; }

    public void Add(int row, DateTimeOffset due)
    {
        Due = Count++ == 0 || due < Due ? due : Due;
        if (newest.Count < MaxRemembered)
        {
            newest.Enqueue(row);
        }
    }

    /// <summary>An order waits no more.</summary>
    public void Remove() => Count--;

    public bool IsDue(DateTimeOffset now) => Count > 0 && Due <= now;

    /// <summary>The next order that waits; -1: there is none. It is the next one until it waits no more.</summary>
    /// <param name="rows">Rows are below this number.</param>
    /// <param name="waits">Whether the order in a row waits.</param>
    public int Next(int rows, Func<int, bool> waits)
    {
        while (newest.TryPeek(out var row))
        {
            if (row < rows && waits(row))
            {
                return row;
            }
            newest.Dequeue();
        }
        for (var walked = 0; walked < rows && Count > 0; walked++, walkAt++)
        {
            walkAt = walkAt < rows ? walkAt : 0;
            if (waits(walkAt))
            {
                return walkAt;
            }
        }
        return -1;
    }
}
