namespace Anatomic.Federation.Monitoring;

/// <summary>One point of the graphs: rates between two readings, and the values of the second one.</summary>
/// <param name="HttpAnnounces">Announces a second over HTTP.</param>
/// <param name="UdpAnnounces">Announces a second over UDP.</param>
/// <param name="Shared">Peers that partners shared.</param>
/// <param name="Median">Median duration of an announce in seconds; null without announces.</param>
/// <param name="Slow">99th percentile of the duration in seconds; null without announces.</param>
public sealed record TrackerSample(
    double HttpAnnounces,
    double UdpAnnounces,
    double Seeds,
    double Leechers,
    double Shared,
    double Swarms,
    double MemoryBytes,
    double? Median,
    double? Slow
)
{
    /// <summary>The sample between two readings.</summary>
    public static TrackerSample Between(TrackerReading before, TrackerReading after, TimeSpan time) =>
        new(
            (after.HttpAnnounces - before.HttpAnnounces) / time.TotalSeconds,
            (after.UdpAnnounces - before.UdpAnnounces) / time.TotalSeconds,
            after.Seeds,
            after.Leechers,
            after.SharedPeers,
            after.Swarms,
            after.MemoryBytes,
            Quantile(before.Latency, after.Latency, 0.5),
            Quantile(before.Latency, after.Latency, 0.99)
        );

    /// <summary>Interpolates linearly within a bucket.</summary>
    private static double? Quantile(MetricHistogram? before, MetricHistogram? after, double part)
    {
        if (before is null || after is null)
        {
            return null;
        }
        var rank = part * (after.Counts.Sum() - before.Counts.Sum());
        if (rank <= 0)
        {
            return null;
        }
        var below = 0L;
        for (var i = 0; i < after.UpperBounds.Count; i++)
        {
            var here = after.Counts[i] - before.Counts[i];
            if (here > 0 && below + here >= rank)
            {
                var lower = i == 0 ? 0 : after.UpperBounds[i - 1];
                return lower + ((after.UpperBounds[i] - lower) * (rank - below) / here);
            }
            below += here;
        }
        return after.UpperBounds[^1];
    }
}
