using System.Globalization;
using Anatomic.Comparison.Measurements;

namespace Anatomic.Comparison.Results;

/// <summary>The rounds of one scenario as a table for people.</summary>
internal static class Table
{
    private const string Row = "  {0,-12} {1,-22} {2,12} {3,23} {4,6} {5,8} {6,8} {7,7} {8,7} {9,7} {10,7} {11,5}";

    /// <param name="rounds">Those of each server, in their order; the first server is the one that the others are compared with.</param>
    public static void Print(IReadOnlyDictionary<string, List<Round>> rounds)
    {
        Console.WriteLine(
            Row,
            "server",
            "",
            "median",
            "min – max",
            "unit",
            "ratio",
            "server",
            "gener.",
            "others",
            "stolen",
            "lost",
            "bad"
        );
        foreach (var summary in Summary.Of(rounds))
        {
            Console.WriteLine(
                Row,
                summary.Server,
                summary.Metric,
                Number(summary.Median),
                $"{Number(summary.Min)} – {Number(summary.Max)}",
                summary.Unit,
                summary.Ratio is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "",
                $"{summary.ServerCpu:0%}",
                $"{summary.GeneratorCpu:0%}",
                $"{summary.OthersCpu:0%}",
                $"{summary.Stolen:0.0%}",
                summary.Lost,
                summary.Bad
            );
        }
    }

    private static string Number(double value) =>
        value.ToString(
            value < 10 ? "0.00"
                : value < 100 ? "0.0"
                : "#,0",
            CultureInfo.InvariantCulture
        );
}
