using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Peers;

/// <summary>
/// A peer's requests to us, oldest first. A cancel costs the same however many there are, as a peer can send more
/// cancels than it has requests.
/// </summary>
internal sealed class IncomingRequests
{
    // Contains cancelled requests too; an entry counts only when its number is that of the block.
    private readonly Queue<(BlockRange Block, long Number)> queue = new();
    private readonly Dictionary<BlockRange, long> numbers = [];
    private long lastNumber;

    public int Count => numbers.Count;

    public bool Contains(BlockRange block) => numbers.ContainsKey(block);

    /// <summary>Adds a request; false when the same one is waiting already.</summary>
    public bool Add(BlockRange block)
    {
        if (!numbers.TryAdd(block, lastNumber + 1))
        {
            return false;
        }
        queue.Enqueue((block, ++lastNumber));
        return true;
    }

    /// <summary>Removes a request; false when there is none.</summary>
    public bool Remove(BlockRange block)
    {
        if (!numbers.Remove(block))
        {
            return false;
        }
        if (queue.Count > EngineLimits.MaxIncomingRequests * 2)
        {
            for (var i = queue.Count; i > 0; i--)
            {
                var entry = queue.Dequeue();
                if (IsWaiting(entry))
                {
                    queue.Enqueue(entry);
                }
            }
        }
        return true;
    }

    /// <summary>The oldest request; false when there is none.</summary>
    public bool TryPeek(out BlockRange block)
    {
        while (queue.TryPeek(out var entry))
        {
            if (IsWaiting(entry))
            {
                block = entry.Block;
                return true;
            }
            queue.Dequeue();
        }
        block = default;
        return false;
    }

    /// <summary>Removes the oldest request; false when there is none.</summary>
    public bool TryDequeue(out BlockRange block)
    {
        if (!TryPeek(out block))
        {
            return false;
        }
        queue.Dequeue();
        numbers.Remove(block);
        return true;
    }

    private bool IsWaiting((BlockRange Block, long Number) entry) =>
        numbers.TryGetValue(entry.Block, out var number) && number == entry.Number;
}
