using Anatomic.Comparison.Measurements;
using Anatomic.Comparison.Results;

namespace Anatomic.Comparison.Pages;

/// <summary>A group of scenarios on the page, which are ordered by their place in a list.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Scenarios">The names of its scenarios, in order.</param>
/// <param name="Charts">The metrics with a chart, each with those that stand in for it.</param>
internal sealed record PageSection(string Title, string[] Scenarios, string[][] Charts) : IComparer<string>
{
    private static readonly string[][] RateCharts =
    [
        [Metrics.Rate],
    ];

    private static readonly PageSection[] Known =
    [
        new(
            "UDP rates",
            [
                "udp-announce-64",
                "udp-announce-512",
                "udp-announce-1",
                "udp-zipf",
                "udp-v6",
                "udp-connect",
                "udp-scrape-1",
                "udp-scrape-70",
            ],
            RateCharts
        ),
        new("HTTP rates", ["http-keepalive", "http-single", "http-scrape"], RateCharts),
        new(
            "Latency",
            ["udp-latency", "udp-latency-same", "http-latency", "http-latency-same"],
            [
                [Metrics.P50],
                [Metrics.P99, Metrics.P99WithStalls],
            ]
        ),
        new(
            "Memory",
            ["memory-peers", "memory-torrents", "memory-one", "memory-planted"],
            [
                [Metrics.PerOrder, Metrics.Anonymous],
            ]
        ),
        new("Hostile traffic", ["flood-datagrams", "flood-requests"], []),
    ];

    private static readonly PageSection Rest = new("Other measurements", [], []);

    public static IEnumerable<PageSection> All => [.. Known, Rest];

    /// <summary>The last section holds whatever no other one names.</summary>
    public bool Holds(string scenario) =>
        ReferenceEquals(this, Rest)
            ? !Known.Any(section => section.Scenarios.Contains(scenario))
            : Scenarios.Contains(scenario);

    public int Compare(string? x, string? y)
    {
        var byPlace = Array.IndexOf(Scenarios, x).CompareTo(Array.IndexOf(Scenarios, y));
        return byPlace != 0 ? byPlace : string.CompareOrdinal(x, y);
    }

    /// <summary>The metrics of a scenario that get a chart.</summary>
    public IEnumerable<MetricRecord> ChartedMetrics(ScenarioRecord scenario) =>
        from alternatives in Charts
        let metric = alternatives
            .Select(name => scenario.Metrics.FirstOrDefault(metric => metric.Name == name))
            .FirstOrDefault(metric => metric is not null)
        where metric is not null
        select metric;
}
