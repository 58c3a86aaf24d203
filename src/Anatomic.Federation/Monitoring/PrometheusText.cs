using System.Globalization;
using System.Text;

namespace Anatomic.Federation.Monitoring;

/// <summary>Writes metrics in Prometheus' text exposition format, version 0.0.4.</summary>
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
            foreach (var histogram in metric.Histograms)
            {
                Write(text, metric.Name, histogram);
            }
        }
        return text.ToString();
    }

    /// <summary>A number as the format writes it. Other formats use it to name a bucket's bound.</summary>
    public static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static void Write(StringBuilder text, string name, MetricHistogram histogram)
    {
        var below = 0L;
        for (var i = 0; i < histogram.Counts.Count; i++)
        {
            below += histogram.Counts[i];
            var bound = i < histogram.UpperBounds.Count ? histogram.UpperBounds[i] : double.PositiveInfinity;
            Line(text, $"{name}_bucket", [.. histogram.Labels, new MetricLabel("le", Number(bound))], Number(below));
        }
        Line(text, $"{name}_sum", histogram.Labels, Number(histogram.Sum));
        Line(text, $"{name}_count", histogram.Labels, Number(below));
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
