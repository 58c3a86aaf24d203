namespace Anatomic.Federation.Monitoring;

public enum MetricKind
{
    /// <summary>A value that goes up and down.</summary>
    Gauge,

    /// <summary>A count since the start.</summary>
    Counter,

    /// <summary>How values are spread, since the start.</summary>
    Histogram,
}

/// <summary>A label of a sample; the value is a word that the program has chosen, never an address.</summary>
public readonly record struct MetricLabel(string Name, string Value)
{
    /// <summary>A word of a closed set: <c>NotPlanted</c> is told as <c>not_planted</c>.</summary>
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
/// <param name="Value">Now, or since the start.</param>
/// <param name="Labels">What tells it from the metric's other values; empty for the only one.</param>
public sealed record MetricSample(double Value, params IReadOnlyList<MetricLabel> Labels);

/// <summary>One spread of a metric.</summary>
/// <param name="UpperBounds">Ascending, without the infinite one.</param>
/// <param name="Counts">Values in each bucket and in none before it; one more than there are bounds.</param>
/// <param name="Sum">Of all values.</param>
/// <param name="Labels">What tells it from the metric's other spreads.</param>
public sealed record MetricHistogram(
    IReadOnlyList<double> UpperBounds,
    IReadOnlyList<long> Counts,
    double Sum,
    params IReadOnlyList<MetricLabel> Labels
);

/// <summary>What monitoring gets of one kind of figure, in whatever format it is then written.</summary>
public sealed record Metric
{
    /// <summary>Whole, with its unit last: <c>anatomic_tracker_request_seconds</c>; counters end with <c>_total</c>.</summary>
    public required string Name { get; init; }

    public required MetricKind Kind { get; init; }

    /// <summary>One sentence.</summary>
    public required string Help { get; init; }

    /// <summary>Of gauges and counters.</summary>
    public IReadOnlyList<MetricSample> Samples { get; init; } = [];

    /// <summary>Of histograms.</summary>
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

    /// <summary>A gauge that is always 1 and tells by its labels what runs.</summary>
    public static Metric Info(string name, string help, params IReadOnlyList<MetricLabel> labels) =>
        new()
        {
            Name = name,
            Kind = MetricKind.Gauge,
            Help = help,
            Samples = [new MetricSample(1, labels)],
        };
}
