using System.Runtime.CompilerServices;
using Anatomic.Tracker.Memory;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Tracker.Swarms;

/// <summary>
/// The swarms of a shard by hash: chained buckets over slots that never move. Buckets are split one at a time, so
/// adding a swarm moves only a few others.
/// </summary>
internal sealed class SwarmTable(ulong seed, StoreBudget budget)
{
    private const int ChunkBits = 5;
    private const int ChunkSlots = 1 << ChunkBits;
    private const int ChunkBucketBits = 7;
    private const int ChunkBuckets = 1 << ChunkBucketBits;

    /// <summary>Most swarms are then alone in their bucket.</summary>
    private const int BucketsPerSwarm = 2;

    /// <summary>The chain length that a prefetch follows. Few swarms are further back.</summary>
    private const int MaxPrefetchSteps = 4;

    /// <summary>
    /// What one more swarm can need: a chunk of slots. More buckets are rare, and need only a few bytes per swarm.
    /// </summary>
    public static long GrowthBytes { get; } = AllocationSize.OfArray<SwarmSlot>(ChunkSlots);

    /// <summary>No slot.</summary>
    public const int NoSlot = -1;

    private SwarmSlot[][] chunks = [];

    /// <summary>
    /// The first slot of each bucket, plus one; 0 if empty. In chunks, because growing one array would leave garbage.
    /// </summary>
    private int[][] buckets = [];
    private int bucketCount;
    private int firstFree;

    public int Count { get; private set; }

    /// <summary>Slots ever used. All slots below this index may be accessed.</summary>
    public int Slots { get; private set; }

    public ref SwarmSlot this[int slot] => ref chunks[slot >> ChunkBits][slot & (ChunkSlots - 1)];

    /// <summary>Returns the swarm's slot, or <see cref="NoSlot"/>.</summary>
    public int Find(in Hash20 hash)
    {
        if (bucketCount == 0)
        {
            return NoSlot;
        }
        var slot = Bucket(BucketOf(hash)) - 1;
        while (slot >= 0 && !this[slot].Matches(hash))
        {
            slot = this[slot].Next - 1;
        }
        return slot;
    }

    /// <summary>The same, starting at a slot that recently was the swarm's own or the first of its bucket.</summary>
    public int Find(in Hash20 hash, int hint)
    {
        for (var steps = 0; steps < MaxPrefetchSteps && (uint)hint < (uint)Slots; steps++)
        {
            ref readonly var slot = ref this[hint];
            if (slot.IsInUse && slot.Matches(hash))
            {
                return hint;
            }
            hint = slot.Next - 1;
        }
        return Find(hash);
    }

    // The three steps of a prefetch. They need no lock: what they read may be torn or stale, so every index is checked,
    // and the result is only a hint.

    /// <summary>Prefetches a swarm's bucket. Returns its index for the next step.</summary>
    public int PrefetchBucket(in Hash20 hash)
    {
        var at = bucketCount == 0 ? 0 : BucketOf(hash);
        ref readonly var bucket = ref BucketOrNull(at);
        if (!Unsafe.IsNullRef(in bucket))
        {
            CacheLine.Prefetch(in bucket);
        }
        return at;
    }

    /// <summary>Prefetches the first slot of a bucket. Returns it, or <see cref="NoSlot"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int PrefetchSlot(int bucket)
    {
        ref readonly var first = ref BucketOrNull(bucket);
        var slot = Unsafe.IsNullRef(in first) ? NoSlot : first - 1;
        ref readonly var found = ref SlotOrNull(slot);
        if (!Unsafe.IsNullRef(in found))
        {
            CacheLine.Prefetch(in found);
            CacheLine.Prefetch(in found.Peers);
        }
        return slot;
    }

    /// <summary>
    /// Prefetches the <see cref="SwarmPeers"/> of a swarm, given the first slot of its bucket. Returns it, and the
    /// swarm's slot.
    /// </summary>
    public SwarmPeers? PrefetchPeers(ref int slot, in Hash20 hash)
    {
        for (var steps = 0; steps < MaxPrefetchSteps; steps++)
        {
            ref readonly var found = ref SlotOrNull(slot);
            if (Unsafe.IsNullRef(in found))
            {
                return null;
            }
            if (found.Matches(hash))
            {
                found.Peers?.Prefetch();
                return found.Peers;
            }
            slot = found.Next - 1;
        }
        return null;
    }

    private ref readonly int BucketOrNull(int bucket)
    {
        var some = buckets;
        var chunk = bucket >> ChunkBucketBits;
        return ref chunk < some.Length && some[chunk] is { } heads
            ? ref heads[bucket & (ChunkBuckets - 1)]
            : ref Unsafe.NullRef<int>();
    }

    private ref readonly SwarmSlot SlotOrNull(int slot)
    {
        var some = chunks;
        var chunk = slot >> ChunkBits;
        return ref slot >= 0 && chunk < some.Length && some[chunk] is { } slots
            ? ref slots[slot & (ChunkSlots - 1)]
            : ref Unsafe.NullRef<SwarmSlot>();
    }

    /// <summary>Adds a swarm that is not in the table. Returns its slot.</summary>
    public int Add(in Hash20 hash)
    {
        while (bucketCount < BucketsPerSwarm * (Count + 1))
        {
            AddBucket();
        }
        int slot;
        if (firstFree > 0)
        {
            slot = firstFree - 1;
            firstFree = this[slot].Next;
        }
        else
        {
            slot = Slots++;
            EnsureChunk(ref chunks, slot >> ChunkBits, ChunkSlots);
        }
        ref var bucket = ref Bucket(BucketOf(hash));
        this[slot] = new SwarmSlot(hash) { Next = bucket };
        bucket = slot + 1;
        Count++;
        return slot;
    }

    public void Remove(int slot)
    {
        ref var link = ref Bucket(BucketOf(this[slot].Hash));
        while (link != slot + 1)
        {
            link = ref this[link - 1].Next;
        }
        link = this[slot].Next;
        this[slot] = default;
        this[slot].Next = firstFree;
        firstFree = slot + 1;
        Count--;
    }

    private ref int Bucket(int at) => ref buckets[at >> ChunkBucketBits][at & (ChunkBuckets - 1)];

    /// <summary>Allocates a chunk if it does not exist yet: the next one, or an earlier one.</summary>
    private void EnsureChunk<T>(ref T[][] all, int chunk, int length)
    {
        if (chunk == all.Length)
        {
            var more = Math.Max(1, all.Length / 4);
            Array.Resize(ref all, all.Length + more);
            budget.AddMemory((long)more * Unsafe.SizeOf<T[]>());
        }
        if (all[chunk] is null)
        {
            all[chunk] = new T[length];
            budget.AddMemory(AllocationSize.OfArray<T>(length));
        }
    }

    private int BucketOf(in Hash20 hash) =>
        LinearHashing.BucketOf((uint)SplitMix64.Mix(SplitMix64.Mix(hash.A ^ seed) ^ hash.B), bucketCount);

    private void AddBucket()
    {
        EnsureChunk(ref buckets, bucketCount >> ChunkBucketBits, ChunkBuckets);
        var fresh = bucketCount++;
        if (fresh == 0)
        {
            return;
        }
        ref var from = ref Bucket(LinearHashing.ParentOf(fresh));
        ref var into = ref Bucket(fresh);
        var slot = from - 1;
        from = 0;
        while (slot >= 0)
        {
            ref var swarm = ref this[slot];
            var next = swarm.Next - 1;
            ref var link = ref BucketOf(swarm.Hash) == fresh ? ref into : ref from;
            swarm.Next = link;
            link = slot + 1;
            slot = next;
        }
    }
}
