using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// One order of one swarm with up to four of its holders, in 48 bytes. A fifth holder gets a second block of the same
/// order. Orders are on disk; the first 8 bytes of their digest distinguish them within a swarm.
/// </summary>
internal struct HolderBlock
{
    public const int Holders = 4;

    public Hash20 Swarm;

    /// <summary>When this supernode first learned of the order, in minutes since 2020.</summary>
    public uint SeenMinute;
    public ulong Order;
    public ushort First;
    public ushort Second;
    public ushort Third;
    public ushort Fourth;

    /// <summary>The next block of the bucket, or of the free list; -1: none.</summary>
    public int Next;

    public readonly ushort Holder(int place) =>
        place switch
        {
            0 => First,
            1 => Second,
            2 => Third,
            _ => Fourth,
        };

    public void SetHolder(int place, ushort slot)
    {
        switch (place)
        {
            case 0:
                First = slot;
                break;
            case 1:
                Second = slot;
                break;
            case 2:
                Third = slot;
                break;
            default:
                Fourth = slot;
                break;
        }
    }

    /// <summary>Adds a holder; false when the block is full.</summary>
    public bool TryAddHolder(ushort slot)
    {
        var place = PlaceOf(0);
        if (place >= 0)
        {
            SetHolder(place, slot);
        }
        return place >= 0;
    }

    /// <summary>The place of a holder (0: of a free place); -1: none.</summary>
    public readonly int PlaceOf(ushort slot) =>
        First == slot ? 0
        : Second == slot ? 1
        : Third == slot ? 2
        : Fourth == slot ? 3
        : -1;

    public readonly bool IsEmpty => (First | Second | Third | Fourth) == 0;
}

/// <summary>
/// A hash table of blocks by swarm, with several blocks per swarm. Blocks are in pages, so growth copies none and
/// wastes no memory; buckets hold their numbers. The secret seed keeps a sender of chosen hashes from filling one
/// bucket.
/// </summary>
internal sealed class HolderTable(ulong seed)
{
    private const int PageBits = 12;
    private const int PageBlocks = 1 << PageBits;

    private readonly List<HolderBlock[]> pages = [];
    private readonly ulong multiplierA = Odd(seed);
    private readonly ulong multiplierB = Odd(seed * SplitMix64.Increment);
    private int[] buckets = NewBuckets(1024);
    private int used;
    private int free = -1;

    public int Count { get; private set; }

    /// <summary>Blocks are below this number; free ones have no holder.</summary>
    public int Used => used;

    public ref HolderBlock this[int block] => ref pages[block >> PageBits][block & (PageBlocks - 1)];

    /// <summary>
    /// The first block that may be of this swarm. Compare it, and continue with <see cref="HolderBlock.Next"/>.
    /// </summary>
    public int FirstBlock(in Hash20 swarm) => buckets[BucketOf(swarm)];

    public int Add(in Hash20 swarm, ulong order, uint seenMinute)
    {
        if (Count >= buckets.Length)
        {
            Grow();
        }
        var block = free;
        if (block >= 0)
        {
            free = this[block].Next;
        }
        else
        {
            block = used++;
            if (block >> PageBits == pages.Count)
            {
                pages.Add(new HolderBlock[PageBlocks]);
            }
        }
        var bucket = BucketOf(swarm);
        this[block] = new HolderBlock
        {
            Swarm = swarm,
            Order = order,
            SeenMinute = seenMinute,
            Next = buckets[bucket],
        };
        buckets[bucket] = block;
        Count++;
        return block;
    }

    public void Remove(int block)
    {
        ref var going = ref this[block];
        var bucket = BucketOf(going.Swarm);
        if (buckets[bucket] == block)
        {
            buckets[bucket] = going.Next;
        }
        else
        {
            var before = buckets[bucket];
            while (this[before].Next != block)
            {
                before = this[before].Next;
            }
            this[before].Next = going.Next;
        }
        going = new HolderBlock { Next = free };
        free = block;
        Count--;
    }

    private void Grow()
    {
        buckets = NewBuckets(buckets.Length * 2);
        for (var block = 0; block < used; block++)
        {
            ref var moved = ref this[block];
            if (!moved.IsEmpty)
            {
                var bucket = BucketOf(moved.Swarm);
                moved.Next = buckets[bucket];
                buckets[bucket] = block;
            }
        }
    }

    private int BucketOf(in Hash20 swarm)
    {
        var mixed =
            (swarm.A ^ multiplierB) * multiplierA + (swarm.B ^ multiplierA) * multiplierB + swarm.C * multiplierA;
        return (int)(mixed >> 33) & (buckets.Length - 1);
    }

    private static int[] NewBuckets(int count)
    {
        var fresh = new int[count];
        Array.Fill(fresh, -1);
        return fresh;
    }

    private static ulong Odd(ulong value) => (value ^ (value >> 29)) | 1;
}
