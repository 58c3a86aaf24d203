using System.Collections.Concurrent;
using Anatomic.Engine.Limits;

namespace Anatomic.Engine.Torrents;

/// <summary>
/// The memory of a session for pieces that are not written yet. Buffers are reused by all its torrents, because the
/// first touch of fresh memory costs more than hashing it. May be used from any loop.
/// </summary>
internal sealed class PieceMemory(long limit)
{
    private readonly SharedBudget budget = new(limit);
    private readonly ConcurrentDictionary<int, Shelf> shelves = [];
    private long freeBytes;
    private long nextTrim;
    private int users;

    /// <summary>Bytes that may be rented within the limit.</summary>
    public long Available => budget.Available;

    /// <summary>Bytes in buffers that nobody uses.</summary>
    public long FreeBytes => Interlocked.Read(ref freeBytes);

    /// <summary>Counts a torrent that downloads.</summary>
    public void Join() => Interlocked.Increment(ref users);

    /// <summary>Counts a torrent that downloads no more; the last one frees all buffers.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref users) == 0)
        {
            foreach (var shelf in shelves.Values)
            {
                Free(shelf, shelf.Free.Count);
            }
        }
    }

    public byte[] Rent(int length)
    {
        budget.ForceAcquire(length);
        var shelf = shelves.GetOrAdd(length, static length => new Shelf(length));
        if (!shelf.Free.TryPop(out var buffer))
        {
            return GC.AllocateUninitializedArray<byte>(length);
        }
        Interlocked.Add(ref freeBytes, -length);
        shelf.Idle = Math.Min(shelf.Idle, shelf.Free.Count);
        return buffer;
    }

    public void Return(byte[] buffer)
    {
        budget.Release(buffer.Length);
        if (
            Volatile.Read(ref users) > 0
            && FreeBytes + buffer.Length <= limit
            && shelves.TryGetValue(buffer.Length, out var shelf)
        )
        {
            Interlocked.Add(ref freeBytes, buffer.Length);
            shelf.Free.Push(buffer);
        }
    }

    /// <summary>Frees the buffers that were not used for a second or two. The loops share one trim a second.</summary>
    public void Trim(DateTimeOffset now)
    {
        var due = Interlocked.Read(ref nextTrim);
        if (
            now.UtcTicks < due
            || Interlocked.CompareExchange(ref nextTrim, now.UtcTicks + TimeSpan.TicksPerSecond, due) != due
        )
        {
            return;
        }
        foreach (var shelf in shelves.Values)
        {
            Free(shelf, shelf.Idle);
            shelf.Idle = shelf.Free.Count;
        }
    }

    private void Free(Shelf shelf, int count)
    {
        while (count-- > 0 && shelf.Free.TryPop(out _))
        {
            Interlocked.Add(ref freeBytes, -shelf.Length);
        }
    }

    /// <summary>The free buffers of one length.</summary>
    private sealed class Shelf(int length)
    {
        public int Length => length;
        public ConcurrentStack<byte[]> Free { get; } = new();

        /// <summary>Buffers that nobody took since the last trim; a race only frees one more or less.</summary>
        public int Idle { get; set; }
    }
}
