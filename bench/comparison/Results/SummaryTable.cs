using System.Globalization;

namespace Anatomic.Comparison.Results;

/// <summary>Prints a scenario as a table for the terminal.</summary>
internal static class SummaryTable
{
    private const string Line = "  {0,-12} {1,-31} {2,11} {3,21} {4,7} {5,6} {6,7} {7,7} {8,7} {9,6} {10,6} {11,7}";

    /// <param name="scenario">The first server of each metric is the one that the others are compared with.</param>
    public static void Print(ScenarioRecord scenario)
    {
        Console.WriteLine(
            Line,
            "server",
            "metric",
            "median",
            "quartiles",
            "unit",
            "ratio",
            "server",
            "gener.",
            "others",
            "steal",
            "lost",
            "invalid"
        );
        var conditions = scenario.Conditions.ToDictionary(one => one.Server);
        foreach (var metric in scenario.Metrics)
        {
            foreach (var result in metric.Results)
            {
                Print(metric, result, conditions[result.Server]);
            }
        }
    }

    private static void Print(MetricRecord metric, StatisticsRecord result, ConditionsRecord conditions)
    {
        var isFirst = ReferenceEquals(result, metric.Results[0]);
        Console.WriteLine(
            Line,
            result.Server,
            metric.Name,
            Format(result.Median),
            $"{Format(result.LowerQuartile ?? result.Median)} – {Format(result.UpperQuartile ?? result.Median)}",
            metric.Unit,
            isFirst ? "" : (metric.Results[0].Median / result.Median).ToString("0.00", CultureInfo.InvariantCulture),
            $"{conditions.ServerCpu:0%}",
            $"{conditions.GeneratorCpu:0%}",
            $"{conditions.OthersCpu:0%}",
            $"{conditions.Steal:0.0%}",
            conditions.Lost,
            conditions.Invalid
        );
    }

    /// <summary>Three significant digits below 100, no decimals above; whole numbers stay whole.</summary>
    public static string Format(double value) =>
        value.ToString(
            Math.Abs(value) >= 100 || value == Math.Round(value) ? "#,0"
                : Math.Abs(value) >= 10 ? "0.0"
                : "0.00",
            CultureInfo.InvariantCulture
        );
}
