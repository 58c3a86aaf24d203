using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Tracker.Swarms;

/// <summary>What the swarms of one shard have in common.</summary>
internal sealed class ShardContext(ulong seed, int renewTicks, Capacity capacity)
{
    private readonly ChangeQueue changes = new(TrackerBounds.MaxWaitingChanges, capacity);

    /// <summary>Of swarms and peers.</summary>
    public Capacity Capacity => capacity;

    /// <summary>Secret of this start.</summary>
    public ulong Seed => seed;

    /// <summary>A peer that announces again is told to partners again after so many ticks.</summary>
    public int RenewTicks => renewTicks;
    public ChangeQueue Changes => changes;
    public RecentV4 RecentV4 { get; } = new();
    public FastRandom Random = new(Mixing.Mix(seed));

    public int Seeds { get; private set; }
    public int Leeches { get; private set; }
    public int Shared { get; private set; }

    public void CountOwn(bool isSeed, int by)
    {
        Seeds += isSeed ? by : 0;
        Leeches += isSeed ? 0 : by;
    }

    public void CountShared(int by) => Shared += by;

    /// <summary>False: there is no room now; the peer is told at its next announce.</summary>
    public bool TryTell(in SwarmName swarm, in Endpoint peer, bool isSeed, bool gone) =>
        swarm.IsPlanted && changes.TryAdd(new SwarmChange(swarm.Hash, new SwarmPeer(peer, isSeed), gone));
}

/// <summary>A swarm's hash, and whether partners are told of it.</summary>
internal readonly record struct SwarmName(Hash20 Hash, bool IsPlanted);

/// <summary>The tracker's room, over all shards.</summary>
internal sealed class Capacity(int maxSwarms, int maxPeers, long maxMemoryBytes)
{
    private int swarms;
    private int peers;
    private long memoryBytes;

    /// <summary>What the store's parts take, by <see cref="StoreMemory"/>.</summary>
    public long MemoryBytes => Volatile.Read(ref memoryBytes);

    /// <summary>Notes what an array or an object takes (or gives back) that is made (or dropped) now.</summary>
    public void TakeMemory(long bytes) => Interlocked.Add(ref memoryBytes, bytes);

    /// <summary>Whether so many bytes more are still within the operator's bound.</summary>
    public bool HasMemory(long bytes) => MemoryBytes + bytes <= maxMemoryBytes;

    public bool TryTakeSwarm() => HasMemory(SwarmTable.BytesOfNext) && TryTake(ref swarms, maxSwarms);

    public void TakeSwarm() => Interlocked.Increment(ref swarms);

    public void GiveSwarm() => Interlocked.Decrement(ref swarms);

    /// <param name="bytes">What the peer's set would have to grow by.</param>
    public bool TryTakePeer(long bytes) => (bytes == 0 || HasMemory(bytes)) && TryTake(ref peers, maxPeers);

    public void GivePeers(int count) => Interlocked.Add(ref peers, -count);

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
