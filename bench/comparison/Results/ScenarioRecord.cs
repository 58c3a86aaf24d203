using Anatomic.Comparison.Measurements;

namespace Anatomic.Comparison.Results;

/// <summary>One scenario of a run.</summary>
internal sealed record ScenarioRecord
{
    public required string Name { get; init; }

    public required string Description { get; init; }

    public required int Rounds { get; init; }

    public required IReadOnlyList<MetricRecord> Metrics { get; init; }

    /// <summary>The conditions under which each server was measured; empty if they were not noted.</summary>
    public required IReadOnlyList<ConditionsRecord> Conditions { get; init; }

    /// <param name="rounds">The rounds of each server; the first server is the node.</param>
    public static ScenarioRecord Of(
        string name,
        string description,
        IReadOnlyDictionary<string, IReadOnlyList<Round>> rounds
    ) =>
        new()
        {
            Name = name,
            Description = description,
            Rounds = rounds.Values.Max(turns => turns.Count),
            Metrics =
            [
                .. rounds
                    .Values.SelectMany(turns => turns[0].Values)
                    .Select(value => (value.Metric, value.Unit))
                    .Distinct()
                    .Select(metric => MetricRecord.Of(metric.Metric, metric.Unit, rounds)),
            ],
            Conditions = [.. rounds.Select(turns => ConditionsRecord.Of(turns.Key, turns.Value))],
        };
}

/// <summary>One metric of a scenario.</summary>
internal sealed record MetricRecord
{
    public required string Name { get; init; }

    public required string Unit { get; init; }

    /// <summary>One for each server that has this metric.</summary>
    public required IReadOnlyList<StatisticsRecord> Results { get; init; }

    public static MetricRecord Of(string name, string unit, IReadOnlyDictionary<string, IReadOnlyList<Round>> rounds) =>
        new()
        {
            Name = name,
            Unit = unit,
            Results =
            [
                .. from turns in rounds
                let values = turns
                    .Value.SelectMany(turn => turn.Values)
                    .Where(value => value.Metric == name && !double.IsNaN(value.Value))
                    .Select(value => value.Value)
                    .ToList()
                where values.Count > 0
                select StatisticsRecord.Of(turns.Key, values),
            ],
        };
}

/// <summary>The rounds of one server and metric; without the spread where it was not noted.</summary>
internal sealed record StatisticsRecord
{
    private const int SignificantDigits = 6;

    public required string Server { get; init; }

    public required double Median { get; init; }

    public double? LowerQuartile { get; init; }

    public double? UpperQuartile { get; init; }

    public double? Min { get; init; }

    public double? Max { get; init; }

    public static StatisticsRecord Of(string server, IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return new StatisticsRecord
        {
            Server = server,
            Median = Quantile(sorted, 0.5),
            LowerQuartile = Quantile(sorted, 0.25),
            UpperQuartile = Quantile(sorted, 0.75),
            Min = Quantile(sorted, 0),
            Max = Quantile(sorted, 1),
        };
    }

    /// <summary>Interpolates linearly between the two nearest values.</summary>
    private static double Quantile(List<double> sorted, double share)
    {
        var position = share * (sorted.Count - 1);
        var lower = (int)position;
        var upper = Math.Min(lower + 1, sorted.Count - 1);
        return RoundOff(sorted[lower] + ((position - lower) * (sorted[upper] - sorted[lower])));
    }

    private static double RoundOff(double value)
    {
        if (value == 0)
        {
            return 0;
        }
        var digits = SignificantDigits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return Math.Round(value, Math.Clamp(digits, 0, 15));
    }
}

/// <summary>The conditions under which one server was measured: medians over the rounds, and sums of errors.</summary>
internal sealed record ConditionsRecord
{
    public required string Server { get; init; }

    /// <summary>Share of its core that the server used, 0 to 1.</summary>
    public required double ServerCpu { get; init; }

    /// <summary>Share of its core that the generator used, 0 to 1.</summary>
    public required double GeneratorCpu { get; init; }

    /// <summary>Share of the whole machine that other processes used, 0 to 1.</summary>
    public required double OthersCpu { get; init; }

    /// <summary>Share of the whole machine that the hypervisor took away, 0 to 1.</summary>
    public required double Steal { get; init; }

    /// <summary>Requests without a reply, over all rounds.</summary>
    public required long Lost { get; init; }

    /// <summary>Replies that did not answer their request, over all rounds.</summary>
    public required long Invalid { get; init; }

    public static ConditionsRecord Of(string server, IReadOnlyList<Round> rounds) =>
        new()
        {
            Server = server,
            ServerCpu = Median(rounds, round => round.ServerCpu),
            GeneratorCpu = Median(rounds, round => round.GeneratorCpu),
            OthersCpu = Median(rounds, round => round.OthersCpu),
            Steal = Median(rounds, round => round.Steal),
            Lost = rounds.Sum(round => round.Lost),
            Invalid = rounds.Sum(round => round.Invalid),
        };

    private static double Median(IReadOnlyList<Round> rounds, Func<Round, double> value) =>
        Math.Round(StatisticsRecord.Of("", rounds.Select(value)).Median, 4);
}
