using System.Globalization;
using System.Text;
using Anatomic.Tracker;

namespace Anatomic.Hosting;

/// <summary>A tracker's figures as Prometheus text (exposition format 0.0.4), to stand behind the node's own.</summary>
internal static class TrackerMetrics
{
    public static string Write(TrackerFigures figures)
    {
        var text = new StringBuilder();
        Gauge(text, "anatomic_tracker_swarms", "Swarms known, with or without peers.", figures.Swarms);
        Gauge(text, "anatomic_tracker_planted_swarms", "Swarms that are planted here.", figures.Planted);
        Gauge(text, "anatomic_tracker_seeds", "First-hand peers that are complete.", figures.Seeds);
        Gauge(text, "anatomic_tracker_leeches", "First-hand peers that are not.", figures.Leeches);
        Gauge(text, "anatomic_tracker_shared_peers", "Peers that partners told of.", figures.SharedPeers);
        Gauge(
            text,
            "anatomic_tracker_waiting_changes",
            "Changes that partners are still to be told.",
            figures.WaitingChanges
        );
        text.Append("# HELP anatomic_tracker_requests_total Requests by protocol and outcome.\n");
        text.Append("# TYPE anatomic_tracker_requests_total counter\n");
        foreach (var (protocol, outcome, count) in figures.Requests)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"anatomic_tracker_requests_total{{protocol=\"{protocol.ToString().ToLowerInvariant()}\",outcome=\"{SnakeCase(outcome)}\"}} {count}\n"
            );
        }
        return text.ToString();
    }

    private static void Gauge(StringBuilder text, string name, string help, long value) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n");

    private static string SnakeCase(RequestOutcome outcome) =>
        string.Concat(
            outcome
                .ToString()
                .Select(
                    (letter, at) =>
                        at > 0 && char.IsUpper(letter)
                            ? $"_{char.ToLowerInvariant(letter)}"
                            : $"{char.ToLowerInvariant(letter)}"
                )
        );
}
