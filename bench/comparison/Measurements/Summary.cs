namespace Anatomic.Comparison.Measurements;

/// <summary>What came of all rounds of one server and metric.</summary>
internal sealed record Summary
{
    public required string Server { get; init; }
    public required string Metric { get; init; }
    public required string Unit { get; init; }
    public required double Median { get; init; }
    public required double Min { get; init; }
    public required double Max { get; init; }

    /// <summary>The first server's median by this one's; null: it is the first.</summary>
    public double? Ratio { get; init; }

    public required double ServerCpu { get; init; }
    public required double GeneratorCpu { get; init; }
    public required double OthersCpu { get; init; }
    public required double Stolen { get; init; }

    /// <summary>Over all rounds.</summary>
    public required long Lost { get; init; }

    /// <summary>Over all rounds.</summary>
    public required long Bad { get; init; }

    /// <summary>By metric, then by server; the first server is the one that the others are compared with.</summary>
    public static IEnumerable<Summary> Of(IReadOnlyDictionary<string, List<Round>> rounds)
    {
        if (rounds.Count == 0)
        {
            yield break;
        }
        var metrics = rounds.First().Value[0].Figures.Select(figure => figure.Metric);
        foreach (var metric in metrics)
        {
            double? first = null;
            foreach (var (server, turns) in rounds)
            {
                var summary = Of(server, metric, turns);
                yield return summary with
                {
                    Ratio = first / summary.Median,
                };
                first ??= summary.Median;
            }
        }
    }

    private static Summary Of(string server, string metric, List<Round> turns)
    {
        var figures = turns.Select(turn => turn.Figures.First(figure => figure.Metric == metric)).ToList();
        var values = figures.Select(figure => figure.Value).Order().ToList();
        return new Summary
        {
            Server = server,
            Metric = metric,
            Unit = figures[0].Unit,
            Median = MedianOf(values),
            Min = values[0],
            Max = values[^1],
            ServerCpu = MedianOf([.. turns.Select(turn => turn.ServerCpu).Order()]),
            GeneratorCpu = MedianOf([.. turns.Select(turn => turn.GeneratorCpu).Order()]),
            OthersCpu = MedianOf([.. turns.Select(turn => turn.OthersCpu).Order()]),
            Stolen = MedianOf([.. turns.Select(turn => turn.Stolen).Order()]),
            Lost = turns.Sum(turn => turn.Lost),
            Bad = turns.Sum(turn => turn.Bad),
        };
    }

    private static double MedianOf(List<double> sorted) =>
        (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
}
