using Anatomic.Federation.Monitoring;
using Anatomic.Tracker.Statistics;

namespace Anatomic.Hosting;

/// <summary>A tracker's figures, as monitoring and the status page get them.</summary>
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
            Metric.Gauge("anatomic_tracker_swarms", "Swarms known, with or without peers.", figures.Swarms),
            Metric.Gauge("anatomic_tracker_planted_swarms", "Swarms that are planted here.", figures.Planted),
            Metric.Gauge("anatomic_tracker_seeds", "First-hand peers that are complete.", figures.Seeds),
            Metric.Gauge("anatomic_tracker_leeches", "First-hand peers that are not.", figures.Leechers),
            Metric.Gauge("anatomic_tracker_shared_peers", "Peers that partners told of.", figures.SharedPeers),
            Metric.Gauge(
                "anatomic_tracker_waiting_changes",
                "Changes that partners are still to be told.",
                figures.WaitingChanges
            ),
            Metric.Gauge(
                "anatomic_tracker_memory_bytes",
                "Memory of swarms, peers and waiting changes, by the tracker's own count.",
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

    /// <summary>Announces of both protocols together.</summary>
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
