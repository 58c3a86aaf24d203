using System.Diagnostics;
using System.Numerics;

namespace Anatomic.Comparison.Load;

/// <summary>Times from request to reply, in buckets of 1/32 of their size: what is read off is right to 3 %.</summary>
internal sealed class Latencies
{
    private const int Fine = 5;
    private readonly long[] buckets = new long[64 << Fine];

    public long Count { get; private set; }

    public void Add(long ticks)
    {
        buckets[BucketOf((ulong)Math.Max(1, ticks))]++;
        Count++;
    }

    /// <summary>In microseconds; the share is between 0 and 1. Nothing was measured: not a number.</summary>
    public double Quantile(double share)
    {
        var before = (long)Math.Floor(Count * share);
        for (var bucket = 0; bucket < buckets.Length; bucket++)
        {
            before -= buckets[bucket];
            if (before < 0)
            {
                return ValueOf(bucket) * 1e6 / Stopwatch.Frequency;
            }
        }
        return double.NaN;
    }

    private static int BucketOf(ulong value)
    {
        var log = BitOperations.Log2(value);
        return log < Fine
            ? (int)value
            : ((log - Fine + 1) << Fine) + (int)((value >> (log - Fine)) & ((1 << Fine) - 1));
    }

    private static double ValueOf(int bucket)
    {
        var part = bucket >> Fine;
        return part == 0 ? bucket : ((1UL << Fine) + (ulong)(bucket & ((1 << Fine) - 1))) * Math.Pow(2, part - 1);
    }
}
