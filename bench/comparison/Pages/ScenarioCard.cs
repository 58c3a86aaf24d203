using System.Text;
using Anatomic.Comparison.Results;

namespace Anatomic.Comparison.Pages;

/// <summary>One scenario on the page: charts of its main metrics, all values, and its other runs.</summary>
internal static class ScenarioCard
{
    /// <summary>Share of the machine above which the card warns: the run says little then.</summary>
    private const double MaxOthersCpu = 0.1;

    public static void Write(StringBuilder html, PageSection section, ScenarioHistory history)
    {
        var (run, scenario) = (history.Shown.Run, history.Shown.Scenario);
        html.Append(
            $"""
            <article>
            <h3>{Text.Encode(scenario.Description)}</h3>
            <p class="meta">{Describe(history.Shown)}</p>

            """
        );
        WriteWarning(html, scenario);
        var charted = section.ChartedMetrics(scenario).ToList();
        foreach (var metric in charted)
        {
            WriteChart(html, run, metric);
        }
        if (charted.Count == 0)
        {
            WriteTimes(html, run, scenario);
        }
        WriteValues(html, scenario);
        WriteOthers(html, section, history.Others);
        html.Append("</article>\n");
    }

    private static void WriteWarning(StringBuilder html, ScenarioRecord scenario)
    {
        var others = scenario.Conditions.Select(one => one.OthersCpu).DefaultIfEmpty().Max();
        if (others > MaxOthersCpu)
        {
            html.Append($"<p class=\"warning\">Busy machine: other processes used up to {others:0%} of it.</p>\n");
        }
    }

    private static void WriteChart(StringBuilder html, RunRecord run, MetricRecord metric)
    {
        var better = IsRate(metric) ? "higher is better" : "lower is better";
        html.Append($"<h4>{Text.Encode(metric.Name)} <small>{better}</small></h4>\n");
        BarChart.Write(
            html,
            $"{metric.Name} by server",
            metric.Unit,
            [.. metric.Results.Select(result => new Bar(result.Server, RoleOf(run, result.Server), result))]
        );
        if (Compare(run, metric) is { Length: > 0 } ratios)
        {
            html.Append($"<p class=\"ratios\">{ratios}</p>\n");
        }
    }

    /// <summary>A scenario of this node alone: its times as one chart.</summary>
    private static void WriteTimes(StringBuilder html, RunRecord run, ScenarioRecord scenario)
    {
        var bars = (
            from metric in scenario.Metrics
            where metric.Unit == "µs"
            from result in metric.Results
            select new Bar(metric.Name, RoleOf(run, result.Server), result)
        ).ToList();
        if (bars.Count > 0)
        {
            html.Append("<h4>time <small>lower is better</small></h4>\n");
            BarChart.Write(html, scenario.Description, "µs", bars);
        }
    }

    /// <summary>
    /// The median of the node relative to the other servers, for example "5.48 × opentracker, 87 % of echo".
    /// </summary>
    private static string Compare(RunRecord run, MetricRecord metric)
    {
        var node = metric.Results[0];
        if (RoleOf(run, node.Server) != ServerRecord.Node)
        {
            return "";
        }
        var parts =
            from other in metric.Results.Skip(1)
            where other.Median != 0
            let ratio = node.Median / other.Median
            select RoleOf(run, other.Server) == ServerRecord.Baseline && IsRate(metric)
                ? $"{ratio:0%} of&nbsp;{Text.Encode(other.Server)}"
                : $"{ratio:0.00} ×&nbsp;{Text.Encode(other.Server)}";
        var text = string.Join(", ", parts);
        return text.Length == 0 ? "" : $"{Text.Encode(node.Server)}: {text}";
    }

    private static void WriteValues(StringBuilder html, ScenarioRecord scenario)
    {
        var servers = scenario
            .Metrics.SelectMany(metric => metric.Results)
            .Select(one => one.Server)
            .Distinct()
            .ToList();
        html.Append("<details><summary>All values</summary>\n<div class=\"scroll\"><table>\n<tr><th>metric</th>");
        servers.ForEach(server => html.Append($"<th>{Text.Encode(server)}</th>"));
        html.Append("</tr>\n");
        foreach (var metric in scenario.Metrics)
        {
            html.Append($"<tr><td>{Text.Encode(metric.Name)}</td>");
            foreach (var server in servers)
            {
                var result = metric.Results.FirstOrDefault(one => one.Server == server);
                html.Append($"<td>{(result is null ? "" : Text.Value(result.Median, metric.Unit))}</td>");
            }
            html.Append("</tr>\n");
        }
        html.Append("</table></div>\n");
        if (scenario.Conditions.Count > 0)
        {
            html.Append("<ul class=\"conditions\">\n");
            foreach (var one in scenario.Conditions)
            {
                html.Append(
                    $"<li>{Text.Encode(one.Server)}: server {one.ServerCpu:0%}, "
                        + $"generator {one.GeneratorCpu:0%} of a core, "
                        + $"others {one.OthersCpu:0%} of the machine, steal {one.Steal:0.0%}, "
                        + $"{one.Lost:N0} lost, {one.Invalid:N0} invalid</li>\n"
                );
            }
            html.Append("</ul>\n");
        }
        html.Append("</details>\n");
    }

    private static void WriteOthers(StringBuilder html, PageSection section, IReadOnlyList<ScenarioRun> others)
    {
        if (others.Count == 0)
        {
            return;
        }
        html.Append("<details><summary>Other runs</summary>\n<ul>\n");
        foreach (var other in others)
        {
            html.Append($"<li>{Describe(other)}");
            var charted = section.ChartedMetrics(other.Scenario).ToList();
            foreach (var metric in charted.Count > 0 ? charted : other.Scenario.Metrics)
            {
                var node = metric.Results[0];
                html.Append($"<br>{Text.Encode(metric.Name)}: {Text.Value(node.Median, metric.Unit)}");
                if (Compare(other.Run, metric) is { Length: > 0 } ratios)
                {
                    html.Append($"; {ratios}");
                }
            }
            html.Append("</li>\n");
        }
        html.Append("</ul></details>\n");
    }

    private static string Describe(ScenarioRun one)
    {
        var rounds = one.Scenario.Rounds == 1 ? "1 round" : $"{one.Scenario.Rounds} rounds";
        var source = one.Run.Source == RunRecord.Measured ? "" : ", transcribed";
        var machine = Text.Encode(one.Run.Machine.Name);
        return $"{Text.Encode(one.Scenario.Name)} · {one.Run.Date} · {machine} · {rounds}{source}";
    }

    private static bool IsRate(MetricRecord metric) => metric.Unit == "/s";

    private static string RoleOf(RunRecord run, string server) =>
        run.Servers.FirstOrDefault(one => one.Name == server)?.Role ?? ServerRecord.Tracker;
}
