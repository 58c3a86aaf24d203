using System.Diagnostics;
using System.Numerics;

namespace Anatomic.Comparison.Load;

/// <summary>Latencies in buckets whose width is 1/32 of their value: a quantile is accurate to 3 %.</summary>
internal sealed class LatencyHistogram
{
    private const int PrecisionBits = 5;
    private readonly long[] buckets = new long[64 << PrecisionBits];

    public long Count { get; private set; }

    public void Add(long ticks)
    {
        buckets[BucketOf((ulong)Math.Max(1, ticks))]++;
        Count++;
    }

    /// <summary>In microseconds; NaN if the histogram is empty.</summary>
    /// <param name="share">From 0 to 1.</param>
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
        return log < PrecisionBits
            ? (int)value
            : ((log - PrecisionBits + 1) << PrecisionBits)
                + (int)((value >> (log - PrecisionBits)) & ((1 << PrecisionBits) - 1));
    }

    private static double ValueOf(int bucket)
    {
        var octave = bucket >> PrecisionBits;
        var position = (ulong)(bucket & ((1 << PrecisionBits) - 1));
        return octave == 0 ? bucket : ((1UL << PrecisionBits) + position) * Math.Pow(2, octave - 1);
    }
}
