using System.Numerics;

namespace Anatomic.Tracker.Statistics;

/// <summary>
/// The latencies of announces or scrapes since the start. An HTTP request is measured by itself, from its head to its
/// reply. A UDP request counts with the time of its whole batch of datagrams, because that is how long its reply
/// waited.
/// </summary>
/// <param name="Protocol">The protocol of the requests.</param>
/// <param name="Kind">Announces or scrapes.</param>
/// <param name="Buckets">
/// <see cref="BucketCount"/> counts, not cumulative. Bucket i counts requests above the bound of bucket i - 1 and up to
/// <see cref="UpperBound"/> of i.
/// </param>
/// <param name="Sum">The sum of all latencies.</param>
public sealed record LatencyHistogram(
    TrackerProtocol Protocol,
    RequestKind Kind,
    IReadOnlyList<long> Buckets,
    TimeSpan Sum
)
{
    /// <summary>Powers of two from 1 µs to 2^20 µs (about a second), and one bucket for everything slower.</summary>
    public const int BucketCount = 22;

    /// <summary>The number of requests.</summary>
    public long Count => Buckets.Sum();

    /// <summary>The inclusive upper bound of a bucket; <see cref="TimeSpan.MaxValue"/> for the last one.</summary>
    public static TimeSpan UpperBound(int bucket) =>
        bucket == BucketCount - 1 ? TimeSpan.MaxValue : TimeSpan.FromMicroseconds(1L << bucket);

    internal static int BucketOf(TimeSpan elapsed)
    {
        // One less than the microseconds rounded up: an exact power of two belongs to the bucket that it bounds.
        var microseconds = (ulong)Math.Max(0, elapsed.Ticks - 1) / TimeSpan.TicksPerMicrosecond;
        return microseconds == 0 ? 0 : Math.Min(BitOperations.Log2(microseconds) + 1, BucketCount - 1);
    }
}
