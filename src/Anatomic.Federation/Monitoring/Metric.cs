namespace Anatomic.Federation.Monitoring;

/// <summary>The kinds of metrics, as Prometheus and OpenTelemetry know them.</summary>
public enum MetricKind
{
    /// <summary>A value that goes up and down.</summary>
    Gauge,

    /// <summary>A count since the start.</summary>
    Counter,

    /// <summary>The distribution of values since the start.</summary>
    Histogram,
}

/// <summary>A label of a sample. The value is a word that the program chose, never an address.</summary>
public readonly record struct MetricLabel(string Name, string Value)
{
    /// <summary>A label with an enum's member: <c>NotPlanted</c> is written as <c>not_planted</c>.</summary>
    public static MetricLabel Enum<TEnum>(string name, TEnum value)
        where TEnum : struct, Enum =>
        new(
            name,
            string.Concat(
                value
                    .ToString()
                    .Select(
                        (letter, at) =>
                            at > 0 && char.IsUpper(letter)
                                ? $"_{char.ToLowerInvariant(letter)}"
                                : $"{char.ToLowerInvariant(letter)}"
                    )
            )
        );
}

/// <summary>One value of a metric.</summary>
/// <param name="Value">The value now, or the count since the start.</param>
/// <param name="Labels">Distinguishes the metric's values; empty for a single one.</param>
public sealed record MetricSample(double Value, params IReadOnlyList<MetricLabel> Labels);

/// <summary>One histogram of a metric.</summary>
/// <param name="UpperBounds">Upper bounds of the buckets, ascending, without the infinite one.</param>
/// <param name="Counts">Values per bucket, not cumulative; one more than there are bounds.</param>
/// <param name="Sum">The sum of all values.</param>
/// <param name="Labels">Distinguishes the metric's histograms.</param>
public sealed record MetricHistogram(
    IReadOnlyList<double> UpperBounds,
    IReadOnlyList<long> Counts,
    double Sum,
    params IReadOnlyList<MetricLabel> Labels
);

/// <summary>One metric, independent of the format it is exported in.</summary>
public sealed record Metric
{
    /// <summary>
    /// The full name with the unit last: <c>anatomic_tracker_request_seconds</c>. Counters end with <c>_total</c>.
    /// </summary>
    public required string Name { get; init; }

    public required MetricKind Kind { get; init; }

    /// <summary>The help text: one sentence.</summary>
    public required string Help { get; init; }

    /// <summary>The values of a gauge or counter.</summary>
    public IReadOnlyList<MetricSample> Samples { get; init; } = [];

    /// <summary>The values of a histogram.</summary>
    public IReadOnlyList<MetricHistogram> Histograms { get; init; } = [];

    public static Metric Gauge(string name, string help, double value) =>
        new()
        {
            Name = name,
            Kind = MetricKind.Gauge,
            Help = help,
            Samples = [new MetricSample(value)],
        };

    public static Metric Counter(string name, string help, params IReadOnlyList<MetricSample> samples) =>
        new()
        {
            Name = name,
            Kind = MetricKind.Counter,
            Help = help,
            Samples = samples,
        };

    public static Metric Counter(string name, string help, double value) =>
        Counter(name, help, new MetricSample(value));

    /// <summary>A gauge that is always 1; its labels describe the program.</summary>
    public static Metric Info(string name, string help, params IReadOnlyList<MetricLabel> labels) =>
        new()
        {
            Name = name,
            Kind = MetricKind.Gauge,
            Help = help,
            Samples = [new MetricSample(1, labels)],
        };
}
