namespace Anatomic.Comparison.Udp;

/// <summary>Requests that wait for their reply. A transaction id is a place and how often the place was used before.</summary>
internal sealed class InFlight
{
    private const int PlaceBits = 16;
    private readonly Entry[] entries;
    private readonly int[] free;
    private int freeCount;

    /// <param name="room">At most 65,536.</param>
    public InFlight(int room)
    {
        entries = new Entry[room];
        free = [.. Enumerable.Range(0, room)];
        freeCount = room;
    }

    public int Free => freeCount;

    public int Count => entries.Length - freeCount;

    /// <summary>The id that the next <see cref="Add"/> gives.</summary>
    public uint NextTransaction
    {
        get
        {
            var place = free[freeCount - 1];
            return ((entries[place].Uses + 1) << PlaceBits) | (uint)place;
        }
    }

    public void Add(int subject, long sentAt)
    {
        ref var entry = ref entries[free[--freeCount]];
        entry = new Entry(entry.Uses + 1, subject, sentAt);
    }

    /// <summary>False: nothing with this id waits.</summary>
    public bool TryTake(uint transaction, out int subject, out long sentAt)
    {
        var place = (int)(transaction & ((1 << PlaceBits) - 1));
        (subject, sentAt) = (0, 0);
        if (
            place >= entries.Length
            || entries[place].SentAt == 0
            || (entries[place].Uses << PlaceBits) >> PlaceBits != transaction >> PlaceBits
        )
        {
            return false;
        }
        (subject, sentAt) = (entries[place].Subject, entries[place].SentAt);
        Release(place);
        return true;
    }

    /// <summary>Gives up what was sent before this; returns how many.</summary>
    public int GiveUp(long before, Action<int> lose)
    {
        var count = 0;
        for (var place = 0; place < entries.Length; place++)
        {
            if (entries[place].SentAt > 0 && entries[place].SentAt < before)
            {
                Release(place);
                lose(entries[place].Subject);
                count++;
            }
        }
        return count;
    }

    private void Release(int place)
    {
        entries[place].SentAt = 0;
        free[freeCount++] = place;
    }

    /// <param name="SentAt">0: the place is free.</param>
    private record struct Entry(uint Uses, int Subject, long SentAt);
}
