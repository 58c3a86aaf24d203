using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// One order of one swarm with up to four of its holders, in 48 bytes; a fifth holder gets a second row of the same order.
/// Orders lie on disk: their first 8 bytes of digest tell them apart within a swarm.
/// </summary>
internal struct HolderBlock
{
    public const int Holders = 4;

    public Hash20 Swarm;

    /// <summary>Minutes since 2020 when this supernode first heard of the order.</summary>
    public uint SeenMinute;
    public ulong Order;
    public ushort First;
    public ushort Second;
    public ushort Third;
    public ushort Fourth;

    /// <summary>The next row of the bucket, or of the free list; -1: none.</summary>
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

    /// <summary>Puts a holder where there is room; false when the row is full.</summary>
    public bool TryAddHolder(ushort slot)
    {
        var place = PlaceOf(0);
        if (place >= 0)
        {
            SetHolder(place, slot);
        }
        return place >= 0;
    }

    /// <summary>Where a holder (0: room for one) stands; -1: nowhere.</summary>
    public readonly int PlaceOf(ushort slot) =>
        First == slot ? 0
        : Second == slot ? 1
        : Third == slot ? 2
        : Fourth == slot ? 3
        : -1;

    public readonly bool IsEmpty => (First | Second | Third | Fourth) == 0;
}

/// <summary>
/// A hash table of rows by swarm, several rows a swarm: pages of rows, so that growing copies no row and leaves no slack, and
/// buckets of row numbers. The seed keeps senders of chosen hashes from filling one bucket.
/// </summary>
internal sealed class HolderTable(ulong seed)
{
    private const int PageBits = 12;
    private const int PageRows = 1 << PageBits;

    private readonly List<HolderBlock[]> pages = [];
    private readonly ulong multiplierA = Odd(seed);
    private readonly ulong multiplierB = Odd(seed * SplitMix64.Increment);
    private int[] buckets = NewBuckets(1024);
    private int used;
    private int free = -1;

    public int Count { get; private set; }

    /// <summary>Rows ever used; those that are free have no holder.</summary>
    public int Used => used;

    public ref HolderBlock this[int row] => ref pages[row >> PageBits][row & (PageRows - 1)];

    /// <summary>The first row that may be of this swarm; go on with <see cref="HolderBlock.Next"/> and compare.</summary>
    public int FirstRow(in Hash20 swarm) => buckets[BucketOf(swarm)];

    public int Add(in Hash20 swarm, ulong order, uint seenMinute)
    {
        if (Count >= buckets.Length)
        {
            Grow();
        }
        var row = free;
        if (row >= 0)
        {
            free = this[row].Next;
        }
        else
        {
            row = used++;
            if (row >> PageBits == pages.Count)
            {
                pages.Add(new HolderBlock[PageRows]);
            }
        }
        var bucket = BucketOf(swarm);
        this[row] = new HolderBlock
        {
            Swarm = swarm,
            Order = order,
            SeenMinute = seenMinute,
            Next = buckets[bucket],
        };
        buckets[bucket] = row;
        Count++;
        return row;
    }

    public void Remove(int row)
    {
        ref var going = ref this[row];
        var bucket = BucketOf(going.Swarm);
        if (buckets[bucket] == row)
        {
            buckets[bucket] = going.Next;
        }
        else
        {
            var before = buckets[bucket];
            while (this[before].Next != row)
            {
                before = this[before].Next;
            }
            this[before].Next = going.Next;
        }
        going = new HolderBlock { Next = free };
        free = row;
        Count--;
    }

    private void Grow()
    {
        buckets = NewBuckets(buckets.Length * 2);
        for (var row = 0; row < used; row++)
        {
            ref var moved = ref this[row];
            if (!moved.IsEmpty)
            {
                var bucket = BucketOf(moved.Swarm);
                moved.Next = buckets[bucket];
                buckets[bucket] = row;
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
