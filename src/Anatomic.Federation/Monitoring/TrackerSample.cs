namespace Anatomic.Federation.Monitoring;

/// <summary>What a graph shows at one place.</summary>
/// <param name="HttpAnnounces">A second.</param>
/// <param name="UdpAnnounces">A second.</param>
/// <param name="Seeds">Then.</param>
/// <param name="Leechers">Then.</param>
/// <param name="Shared">Peers that partners told of, then.</param>
/// <param name="Swarms">Then.</param>
/// <param name="MemoryBytes">Then.</param>
/// <param name="Median">Seconds that half of the announces took at most; null: there were none.</param>
/// <param name="Slow">Seconds that 99 of 100 announces took at most; null: there were none.</param>
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
    /// <summary>What happened between two readings.</summary>
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

    /// <summary>Within its bucket a value is taken to be as far as its rank is.</summary>
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
