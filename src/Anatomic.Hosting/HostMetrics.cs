using Anatomic.Federation.Monitoring;

namespace Anatomic.Hosting;

/// <summary>Metrics that every host has beside those of its services.</summary>
internal static class HostMetrics
{
    private static readonly Metric Build = Metric.Info(
        "anatomic_build_info",
        "Always 1; the program's version is its label.",
        new MetricLabel("version", VersionText)
    );

    public static string VersionText => typeof(HostMetrics).Assembly.GetName().Version?.ToString() ?? "0.0";

    public static IEnumerable<Metric> Of(BoundServers servers, Func<IEnumerable<Metric>> process) =>
        [
            Build,
            Metric.Gauge("anatomic_http_connections", "HTTP connections open now.", servers.Connections),
            Metric.Counter(
                "anatomic_udp_dropped_datagrams_total",
                "Datagrams that the system dropped before the tracker: malformed ones, and those beyond a full queue.",
                servers.Dropped
            ),
            .. process(),
        ];
}
