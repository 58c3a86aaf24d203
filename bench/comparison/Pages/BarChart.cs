using System.Text;
using Anatomic.Comparison.Results;

namespace Anatomic.Comparison.Pages;

/// <param name="Label">What the bar stands for.</param>
/// <param name="Role">The role of the server, which sets the colour.</param>
/// <param name="Value">The median and, if known, the quartiles.</param>
internal readonly record struct Bar(string Label, string Role, StatisticsRecord Value);

/// <summary>
/// Horizontal bars as inline SVG. Lengths are percentages, so the chart fits any width while its text keeps its size.
/// </summary>
internal static class BarChart
{
    private const int RowHeight = 38;
    private const int TextBaseline = 14;
    private const int BarTop = 20;
    private const int BarHeight = 10;

    public static void Write(StringBuilder html, string title, string unit, IReadOnlyList<Bar> bars)
    {
        // A quarter of the width at most is left for quartiles above the largest median.
        var largest = bars.Max(bar => bar.Value.Median);
        var end = Math.Min(largest * 4 / 3, bars.Max(bar => bar.Value.UpperQuartile ?? bar.Value.Median));
        html.Append(
            $"""
            <svg role="img" aria-label="{Text.Encode(title)}" width="100%" height="{bars.Count * RowHeight}">

            """
        );
        for (var row = 0; row < bars.Count; row++)
        {
            WriteBar(html, bars[row], unit, row * RowHeight, end);
        }
        html.Append("</svg>\n");
    }

    private static void WriteBar(StringBuilder html, Bar bar, string unit, int top, double end)
    {
        var textAt = top + TextBaseline;
        html.Append($"<text x=\"0\" y=\"{textAt}\">{Text.Encode(bar.Label)}</text>");
        html.Append($"<text class=\"value\" x=\"100%\" y=\"{textAt}\">{Text.Value(bar.Value.Median, unit)}</text>");
        html.Append(
            $"<rect class=\"{bar.Role}\" x=\"0\" y=\"{top + BarTop}\" width=\"{Percent(bar.Value.Median)}\" "
                + $"height=\"{BarHeight}\" rx=\"2\"/>"
        );
        if (bar.Value is { LowerQuartile: { } lower, UpperQuartile: { } upper } && lower < upper)
        {
            var middle = top + BarTop + (BarHeight / 2);
            html.Append(
                $"<line class=\"spread\" x1=\"{Percent(lower)}\" x2=\"{Percent(upper)}\" "
                    + $"y1=\"{middle}\" y2=\"{middle}\"/>"
            );
        }
        html.Append('\n');

        string Percent(double value) => end <= 0 ? "0%" : $"{Math.Clamp(100 * value / end, 0, 100):0.##}%";
    }
}
