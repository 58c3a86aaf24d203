using Anatomic.Federation.Monitoring;

namespace Anatomic.Hosting;

/// <summary>What every host tells monitoring beside its services' figures.</summary>
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
                "Datagrams that the system dropped before the tracker saw them: malformed ones, and those that found the queue full.",
                servers.Dropped
            ),
            .. process(),
        ];
}
