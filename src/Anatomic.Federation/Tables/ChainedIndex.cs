namespace Anatomic.Federation.Tables;

/// <summary>How an index links rows: where a row stores the next row of its bucket, and the hash of its key.</summary>
internal interface IChainLink<TRow>
    where TRow : struct
{
    static abstract ref int Next(ref TRow row);

    static abstract uint Mix(in TRow row, in TableSeed seed);
}

/// <summary>
/// A hash index over rows that are stored elsewhere, with chained buckets. It costs 4 bytes in the row and 2 to 4 bytes
/// beside it. Several rows may have the same key.
/// </summary>
internal sealed class ChainedIndex<TRow, TLink>(ChunkedArray<TRow> rows, TableSeed seed)
    where TRow : struct
    where TLink : IChainLink<TRow>
{
    public const int None = -1;

    // Two rows per bucket on average: half of the memory for one more step.
    private const int RowsPerBucket = 2;
    private const int FirstBuckets = 16;

    private int[] buckets = [];

    public int Count { get; private set; }

    /// <summary>The first row that may have the key. Compare it, and continue with <see cref="NextOf"/>.</summary>
    public int First(uint mixed) => buckets.Length == 0 ? None : buckets[mixed & (uint)(buckets.Length - 1)];

    public int NextOf(int row) => TLink.Next(ref rows[row]);

    public void Add(int row)
    {
        if (Count >= buckets.Length * RowsPerBucket)
        {
            Grow();
        }
        Link(row);
        Count++;
    }

    public void Remove(int row)
    {
        ref var at = ref buckets[BucketOf(row)];
        while (at != row)
        {
            at = ref TLink.Next(ref rows[at]);
        }
        at = NextOf(row);
        Count--;
    }

    private void Grow()
    {
        var old = buckets;
        buckets = new int[Math.Max(FirstBuckets, old.Length * 2)];
        Array.Fill(buckets, None);
        foreach (var first in old)
        {
            for (var row = first; row != None; )
            {
                var next = NextOf(row);
                Link(row);
                row = next;
            }
        }
    }

    private void Link(int row)
    {
        ref var head = ref buckets[BucketOf(row)];
        TLink.Next(ref rows[row]) = head;
        head = row;
    }

    private uint BucketOf(int row) => TLink.Mix(in rows[row], seed) & (uint)(buckets.Length - 1);
}
