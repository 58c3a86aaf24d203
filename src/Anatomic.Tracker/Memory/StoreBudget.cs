namespace Anatomic.Tracker.Memory;

/// <summary>The limits for swarms, peers and memory, shared by all shards. Callable from any loop.</summary>
internal sealed class StoreBudget(int maxSwarms, int maxPeers, long maxMemoryBytes)
{
    private int swarms;
    private int peers;
    private long memoryBytes;

    /// <summary>The memory in use, as <see cref="AllocationSize"/> counts it.</summary>
    public long MemoryBytes => Volatile.Read(ref memoryBytes);

    /// <summary>Records an allocation, or a release if negative.</summary>
    public void AddMemory(long bytes) => Interlocked.Add(ref memoryBytes, bytes);

    /// <summary>True if another <paramref name="bytes"/> stay within the limit.</summary>
    public bool HasMemory(long bytes) => MemoryBytes + bytes <= maxMemoryBytes;

    /// <param name="bytes">By how much the swarm table may have to grow.</param>
    public bool TryReserveSwarm(long bytes) => HasMemory(bytes) && TryIncrement(ref swarms, maxSwarms);

    /// <summary>Counts a swarm that is accepted even at the limit.</summary>
    public void ReserveSwarm() => Interlocked.Increment(ref swarms);

    public void ReleaseSwarm() => Interlocked.Decrement(ref swarms);

    /// <param name="bytes">By how much the peer's set has to grow.</param>
    public bool TryReservePeer(long bytes) => (bytes == 0 || HasMemory(bytes)) && TryIncrement(ref peers, maxPeers);

    public void ReleasePeers(int count) => Interlocked.Add(ref peers, -count);

    private static bool TryIncrement(ref int used, int max)
    {
        if (Interlocked.Increment(ref used) <= max)
        {
            return true;
        }
        Interlocked.Decrement(ref used);
        return false;
    }
}
