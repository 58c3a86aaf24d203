namespace Anatomic.Federation.Tables;

/// <summary>What makes rows findable: the place for the next row of the same bucket, and the key's hash.</summary>
internal interface IChainLink<TRow>
    where TRow : struct
{
    static abstract ref int Next(ref TRow row);

    static abstract uint Mix(in TRow row, in TableSeed seed);
}

/// <summary>
/// Buckets of row numbers over rows that stand elsewhere: 4 bytes in the row and 2 to 4 beside it. Several rows may have one key.
/// </summary>
internal sealed class ChainedIndex<TRow, TLink>(ChunkedArray<TRow> rows, TableSeed seed)
    where TRow : struct
    where TLink : IChainLink<TRow>
{
    public const int None = -1;

    // Two rows a bucket on average when it is full: a step more to the row, half of the memory.
    private const int RowsPerBucket = 2;
    private const int FirstBuckets = 16;

    private int[] buckets = [];

    public int Count { get; private set; }

    /// <summary>The first row that may have the key; go on with <see cref="NextOf"/>, and compare.</summary>
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
