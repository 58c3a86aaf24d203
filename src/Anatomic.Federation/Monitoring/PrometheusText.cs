using System.Globalization;
using System.Text;

namespace Anatomic.Federation.Monitoring;

/// <summary>Metrics in Prometheus' text exposition format, version 0.0.4.</summary>
public static class PrometheusText
{
    public static string Write(IEnumerable<Metric> metrics)
    {
        var text = new StringBuilder();
        foreach (var metric in metrics)
        {
            text.Append("# HELP ").Append(metric.Name).Append(' ').Append(Help(metric.Help)).Append('\n');
            text.Append("# TYPE ").Append(metric.Name).Append(' ').Append(TypeOf(metric.Kind)).Append('\n');
            foreach (var sample in metric.Samples)
            {
                Line(text, metric.Name, sample.Labels, Number(sample.Value));
            }
            foreach (var spread in metric.Histograms)
            {
                Write(text, metric.Name, spread);
            }
        }
        return text.ToString();
    }

    /// <summary>As the format writes numbers; also what a bucket's bound is called in other formats.</summary>
    public static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static void Write(StringBuilder text, string name, MetricHistogram spread)
    {
        var below = 0L;
        for (var i = 0; i < spread.Counts.Count; i++)
        {
            below += spread.Counts[i];
            var bound = i < spread.UpperBounds.Count ? spread.UpperBounds[i] : double.PositiveInfinity;
            Line(text, $"{name}_bucket", [.. spread.Labels, new MetricLabel("le", Number(bound))], Number(below));
        }
        Line(text, $"{name}_sum", spread.Labels, Number(spread.Sum));
        Line(text, $"{name}_count", spread.Labels, Number(below));
    }

    private static void Line(StringBuilder text, string name, IReadOnlyList<MetricLabel> labels, string value)
    {
        text.Append(name);
        for (var i = 0; i < labels.Count; i++)
        {
            text.Append(i == 0 ? '{' : ',')
                .Append(labels[i].Name)
                .Append("=\"")
                .Append(Value(labels[i].Value))
                .Append('"');
        }
        text.Append(labels.Count > 0 ? "} " : " ").Append(value).Append('\n');
    }

    private static string TypeOf(MetricKind kind) =>
        kind switch
        {
            MetricKind.Gauge => "gauge",
            MetricKind.Counter => "counter",
            _ => "histogram",
        };

    private static string Help(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Value(string text) => Help(text).Replace("\"", "\\\"", StringComparison.Ordinal);
}
