using System.Numerics;

namespace Anatomic.Tracker.Statistics;

/// <summary>What a latency is measured of.</summary>
public enum RequestKind
{
    Announce,
    Scrape,
}

/// <summary>
/// How long announces or scrapes took since the start. Those of HTTP are measured one by one, from their head to their reply; a
/// UDP request took as long as the batch of datagrams it came with, for that is how long its reply waited.
/// </summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Buckets">
/// <see cref="BucketCount"/> counts, each of those that are in no bucket before it and took at most <see cref="UpperBound"/>.
/// </param>
/// <param name="Sum">All times together.</param>
public sealed record LatencyHistogram(
    TrackerProtocol Protocol,
    RequestKind Kind,
    IReadOnlyList<long> Buckets,
    TimeSpan Sum
)
{
    /// <summary>Powers of two from 1 µs to 2^20 µs, a good second, and one bucket for what took longer.</summary>
    public const int BucketCount = 22;

    /// <summary>Requests in all.</summary>
    public long Count => Buckets.Sum();

    /// <summary>The longest time of a bucket; of the last one <see cref="TimeSpan.MaxValue"/>.</summary>
    public static TimeSpan UpperBound(int bucket) =>
        bucket == BucketCount - 1 ? TimeSpan.MaxValue : TimeSpan.FromMicroseconds(1L << bucket);

    internal static int BucketOf(TimeSpan elapsed)
    {
        // One less than the microseconds rounded up, so that a whole power of two stays in its own bucket.
        var microseconds = (ulong)Math.Max(0, elapsed.Ticks - 1) / TimeSpan.TicksPerMicrosecond;
        return microseconds == 0 ? 0 : Math.Min(BitOperations.Log2(microseconds) + 1, BucketCount - 1);
    }
}
