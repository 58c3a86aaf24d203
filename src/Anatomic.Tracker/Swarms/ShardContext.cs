using Anatomic.Tracker.Policy;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Tracker.Swarms;

/// <summary>What the swarms of one shard have in common.</summary>
internal sealed class ShardContext(ulong seed, int renewTicks, StoreBudget budget)
{
    private readonly ChangeQueue changes = new(TrackerLimits.MaxWaitingChanges, budget);

    /// <summary>Of swarms and peers.</summary>
    public StoreBudget StoreBudget => budget;

    /// <summary>Secret of this start.</summary>
    public ulong Seed => seed;

    /// <summary>A peer that announces again is told to partners again after so many ticks.</summary>
    public int RenewTicks => renewTicks;
    public ChangeQueue Changes => changes;
    public RecentV4Announces RecentV4Announces { get; } = new();
    public FastRandom Random = new(Mixing.Mix(seed));

    public int Seeds { get; private set; }
    public int Leechers { get; private set; }
    public int Shared { get; private set; }

    public void AddToLocalCount(bool isSeed, int by)
    {
        Seeds += isSeed ? by : 0;
        Leechers += isSeed ? 0 : by;
    }

    public void AddToSharedCount(int by) => Shared += by;

    /// <summary>False: there is no room now; the peer is told at its next announce.</summary>
    public bool TryQueueChange(in SwarmInfo swarm, in Endpoint peer, bool isSeed, bool gone) =>
        swarm.IsPlanted && changes.TryEnqueue(new SwarmChange(swarm.Hash, new SwarmPeer(peer, isSeed), gone));
}

/// <summary>A swarm's hash, and whether partners are told of it.</summary>
internal readonly record struct SwarmInfo(Hash20 Hash, bool IsPlanted);

/// <summary>The tracker's room, over all shards.</summary>
internal sealed class StoreBudget(int maxSwarms, int maxPeers, long maxMemoryBytes)
{
    private int swarms;
    private int peers;
    private long memoryBytes;

    /// <summary>What the store's parts take, by <see cref="AllocationSize"/>.</summary>
    public long MemoryBytes => Volatile.Read(ref memoryBytes);

    /// <summary>Notes what an array or an object takes (or gives back) that is made (or dropped) now.</summary>
    public void AddMemory(long bytes) => Interlocked.Add(ref memoryBytes, bytes);

    /// <summary>Whether so many bytes more are still within the operator's bound.</summary>
    public bool HasMemory(long bytes) => MemoryBytes + bytes <= maxMemoryBytes;

    public bool TryReserveSwarm() => HasMemory(SwarmTable.GrowthBytes) && TryTake(ref swarms, maxSwarms);

    public void ReserveSwarm() => Interlocked.Increment(ref swarms);

    public void ReleaseSwarm() => Interlocked.Decrement(ref swarms);

    /// <param name="bytes">What the peer's set would have to grow by.</param>
    public bool TryReservePeer(long bytes) => (bytes == 0 || HasMemory(bytes)) && TryTake(ref peers, maxPeers);

    public void ReleasePeers(int count) => Interlocked.Add(ref peers, -count);

    private static bool TryTake(ref int used, int most)
    {
        if (Interlocked.Increment(ref used) <= most)
        {
            return true;
        }
        Interlocked.Decrement(ref used);
        return false;
    }
}
