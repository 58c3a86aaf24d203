namespace Anatomic.Comparison.Udp;

/// <summary>
/// Requests that wait for a reply. A transaction id is a slot and how often that slot was used before.
/// </summary>
internal sealed class PendingRequests
{
    private const int SlotBits = 16;
    private readonly Entry[] entries;
    private readonly int[] free;
    private int freeCount;

    /// <param name="capacity">At most 65,536.</param>
    public PendingRequests(int capacity)
    {
        entries = new Entry[capacity];
        free = [.. Enumerable.Range(0, capacity)];
        freeCount = capacity;
    }

    public int Free => freeCount;

    public int Count => entries.Length - freeCount;

    /// <summary>The transaction id of the next <see cref="Add"/>.</summary>
    public uint NextTransaction
    {
        get
        {
            var slot = free[freeCount - 1];
            return ((entries[slot].Uses + 1) << SlotBits) | (uint)slot;
        }
    }

    public void Add(int tag, long sentAt)
    {
        ref var entry = ref entries[free[--freeCount]];
        entry = new Entry(entry.Uses + 1, tag, sentAt);
    }

    /// <summary>Removes a request; false if none with this transaction id is pending.</summary>
    public bool TryComplete(uint transaction, out int tag, out long sentAt)
    {
        var slot = (int)(transaction & ((1 << SlotBits) - 1));
        (tag, sentAt) = (0, 0);
        if (
            slot >= entries.Length
            || entries[slot].SentAt == 0
            || (entries[slot].Uses << SlotBits) >> SlotBits != transaction >> SlotBits
        )
        {
            return false;
        }
        (tag, sentAt) = (entries[slot].Tag, entries[slot].SentAt);
        Release(slot);
        return true;
    }

    /// <summary>Removes requests sent before this time; returns how many.</summary>
    public int Expire(long before, Action<int> onLost)
    {
        var count = 0;
        for (var slot = 0; slot < entries.Length; slot++)
        {
            if (entries[slot].SentAt > 0 && entries[slot].SentAt < before)
            {
                Release(slot);
                onLost(entries[slot].Tag);
                count++;
            }
        }
        return count;
    }

    private void Release(int slot)
    {
        entries[slot].SentAt = 0;
        free[freeCount++] = slot;
    }

    /// <summary>One slot.</summary>
    /// <param name="SentAt">In stopwatch ticks; 0 while the slot is free.</param>
    private record struct Entry(uint Uses, int Tag, long SentAt);
}
