using System.Runtime.CompilerServices;
using Anatomic.Tracker.Memory;
using Anatomic.Tracker.Peers;
using Anatomic.Tracker.Policy;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Tracker.Swarms;

/// <summary>All swarms, distributed over shards by a keyed hash. Callable from any loop.</summary>
internal sealed class SwarmStore : IDisposable
{
    private readonly SwarmShard[] shards = new SwarmShard[TrackerLimits.Shards];
    private readonly StoreBudget budget;
    private readonly ActiveRules rules = new();
    private readonly ulong seed;
    private int drainFrom;
    private int sweepFrom;

    /// <param name="tick">The length of a <see cref="TrackerTime.Tick"/>.</param>
    public SwarmStore(TrackerOptions options, TimeSpan tick, Entropy entropy)
    {
        seed = entropy.NextUInt64();
        budget = new StoreBudget(options.MaxSwarms, options.MaxPeers, options.MaxMemoryBytes);
        var renewTicks = Math.Clamp((int)Math.Ceiling(options.RenewAfter / tick), 1, PeerAge.TimeoutTicksNormal - 1);
        for (var i = 0; i < shards.Length; i++)
        {
            shards[i] = new SwarmShard(this, entropy.NextUInt64(), renewTicks, options.Open, budget, rules);
        }
    }

    /// <summary>Releases the peers, which are outside the managed heap.</summary>
    ~SwarmStore() => ReleaseAll();

    /// <summary>Releases all memory. No other member may be running, or be called afterwards.</summary>
    public void Dispose()
    {
        ReleaseAll();
        GC.SuppressFinalize(this);
    }

    private void ReleaseAll() => Array.ForEach(shards, shard => shard?.ReleaseAll());

    /// <summary>New rules apply at once: no later announce finds the peers of a denied swarm.</summary>
    public TrackerRules Rules
    {
        get => rules.Rules;
        set
        {
            rules.Rules = value;
            foreach (var shard in value.RejectsAny ? shards : [])
            {
                var slot = 0;
                while (!shard.RemoveDenied(ref slot)) { }
            }
        }
    }

    public IReadOnlyList<SwarmShard> Shards => shards;

    public long MemoryBytes => budget.MemoryBytes;

    public SwarmShard this[in Hash20 swarm] => shards[ShardIndexOf(swarm)];

    /// <summary>
    /// Prefetches what the next announces need, one level of the store at a time for all of them. The cache misses of
    /// several swarms then overlap. Takes no lock; what it reads may change before it is used.
    /// </summary>
    /// <param name="swarms">At most <see cref="TrackerLimits.PrefetchBatch"/>.</param>
    /// <param name="slots">Receives the probable slots: hints for the shards.</param>
    public void Prefetch(ReadOnlySpan<Hash20> swarms, Span<int> slots)
    {
        Span<byte> shardIndexes = stackalloc byte[TrackerLimits.PrefetchBatch];
        var found = default(PrefetchedPeers);
        PrefetchSlots(swarms, shardIndexes, slots);
        for (var i = 0; i < swarms.Length; i++)
        {
            found[i] = shards[shardIndexes[i]].Table.PrefetchPeers(ref slots[i], swarms[i]);
        }
        for (var i = 0; i < swarms.Length; i++)
        {
            found[i]?.V4.Prefetch();
        }
    }

    /// <summary>Scrapes swarms, in the given order.</summary>
    /// <param name="swarms">Any number.</param>
    /// <param name="known">False: the swarm does not exist, or the operator denies it; its counts are 0.</param>
    public void Scrape(ReadOnlySpan<Hash20> swarms, in TrackerTime now, Span<ScrapeCounts> counts, Span<bool> known)
    {
        Span<byte> shardIndexes = stackalloc byte[TrackerLimits.PrefetchBatch];
        Span<int> slots = stackalloc int[TrackerLimits.PrefetchBatch];
        for (var from = 0; from < swarms.Length; from += TrackerLimits.PrefetchBatch)
        {
            var some = swarms.Slice(from, Math.Min(TrackerLimits.PrefetchBatch, swarms.Length - from));
            PrefetchSlots(some, shardIndexes, slots);
            for (var i = 0; i < some.Length; i++)
            {
                known[from + i] = shards[shardIndexes[i]].TryScrape(some[i], slots[i], now, out counts[from + i]);
            }
        }
    }

    /// <summary>Prefetches the first two levels: the heads of the swarms' buckets.</summary>
    private void PrefetchSlots(ReadOnlySpan<Hash20> swarms, Span<byte> shardIndexes, Span<int> slots)
    {
        for (var i = 0; i < swarms.Length; i++)
        {
            shardIndexes[i] = (byte)ShardIndexOf(swarms[i]);
            slots[i] = shards[shardIndexes[i]].Table.PrefetchBucket(swarms[i]);
        }
        for (var i = 0; i < swarms.Length; i++)
        {
            slots[i] = shards[shardIndexes[i]].Table.PrefetchSlot(slots[i]);
        }
    }

    [InlineArray(TrackerLimits.PrefetchBatch)]
    private struct PrefetchedPeers
    {
        private SwarmPeers? first;
    }

    private int ShardIndexOf(in Hash20 swarm) => (int)(SplitMix64.Mix(swarm.A ^ seed) % TrackerLimits.Shards);

    /// <summary>Drains the shards in turn. Each call starts with another shard, so that none starves.</summary>
    public int DrainChanges(Span<SwarmChange> into)
    {
        var count = 0;
        for (var i = 0; i < shards.Length && count < into.Length; i++)
        {
            drainFrom = (drainFrom + 1) % shards.Length;
            if (shards[drainFrom].HasChanges)
            {
                count += shards[drainFrom].DequeueChanges(into[count..]);
            }
        }
        return count;
    }

    /// <summary>Removes expired peers in the next <paramref name="count"/> shards.</summary>
    public void Sweep(int count, in TrackerTime now)
    {
        for (var i = 0; i < count; i++)
        {
            sweepFrom = (sweepFrom + 1) % shards.Length;
            while (!shards[sweepFrom].Sweep(now)) { }
        }
    }

    public ShardStatistics ReadStatistics()
    {
        var sum = default(ShardStatistics);
        foreach (var shard in shards)
        {
            sum += shard.ReadStatistics();
        }
        return sum;
    }
}
