using Anatomic.Federation.Monitoring;
using Anatomic.Tracker.Statistics;

namespace Anatomic.Hosting;

/// <summary>Turns a tracker's statistics into metrics, and into the reading for the status page.</summary>
internal static class TrackerMetrics
{
    private static readonly double[] UpperBounds =
    [
        .. Enumerable
            .Range(0, LatencyHistogram.BucketCount - 1)
            .Select(i => LatencyHistogram.UpperBound(i).TotalSeconds),
    ];

    public static IEnumerable<Metric> Of(TrackerStatistics figures) =>
        [
            Metric.Gauge("anatomic_tracker_swarms", "Swarms, with or without peers.", figures.Swarms),
            Metric.Gauge("anatomic_tracker_planted_swarms", "Swarms that are planted on this node.", figures.Planted),
            Metric.Gauge("anatomic_tracker_seeds", "Complete peers that announced to this node.", figures.Seeds),
            Metric.Gauge("anatomic_tracker_leeches", "Incomplete peers that announced to this node.", figures.Leechers),
            Metric.Gauge("anatomic_tracker_shared_peers", "Peers that partner nodes reported.", figures.SharedPeers),
            Metric.Gauge(
                "anatomic_tracker_waiting_changes",
                "Changes that wait to be sent to partner nodes.",
                figures.WaitingChanges
            ),
            Metric.Gauge(
                "anatomic_tracker_memory_bytes",
                "Memory of swarms, peers and waiting changes, as the tracker counts it.",
                figures.MemoryBytes
            ),
            Metric.Counter(
                "anatomic_tracker_requests_total",
                "Requests by protocol and outcome.",
                [
                    .. figures.Requests.Select(request => new MetricSample(
                        request.Count,
                        MetricLabel.Enum("protocol", request.Protocol),
                        MetricLabel.Enum("outcome", request.Outcome)
                    )),
                ]
            ),
            new Metric
            {
                Name = "anatomic_tracker_request_seconds",
                Kind = MetricKind.Histogram,
                Help = "Time from a request's arrival to its reply, by protocol and kind.",
                Histograms =
                [
                    .. figures.Latencies.Select(latency => new MetricHistogram(
                        UpperBounds,
                        latency.Buckets,
                        latency.Sum.TotalSeconds,
                        MetricLabel.Enum("protocol", latency.Protocol),
                        MetricLabel.Enum("kind", latency.Kind)
                    )),
                ],
            },
        ];

    public static TrackerReading ReadingOf(TrackerStatistics figures) =>
        new()
        {
            HttpAnnounces = AnnouncesOf(figures, TrackerProtocol.Http),
            UdpAnnounces = AnnouncesOf(figures, TrackerProtocol.Udp),
            Swarms = figures.Swarms,
            Seeds = figures.Seeds,
            Leechers = figures.Leechers,
            SharedPeers = figures.SharedPeers,
            MemoryBytes = figures.MemoryBytes,
            Latency = LatencyOf(figures),
        };

    private static long AnnouncesOf(TrackerStatistics figures, TrackerProtocol protocol) =>
        figures
            .Requests.Where(request => request.Protocol == protocol && request.Outcome == RequestOutcome.Announced)
            .Sum(request => request.Count);

    /// <summary>The latency of announces, over both protocols.</summary>
    private static MetricHistogram LatencyOf(TrackerStatistics figures)
    {
        var counts = new long[LatencyHistogram.BucketCount];
        var sum = TimeSpan.Zero;
        foreach (var latency in figures.Latencies.Where(latency => latency.Kind == RequestKind.Announce))
        {
            for (var i = 0; i < counts.Length; i++)
            {
                counts[i] += latency.Buckets[i];
            }
            sum += latency.Sum;
        }
        return new MetricHistogram(UpperBounds, counts, sum.TotalSeconds);
    }
}
