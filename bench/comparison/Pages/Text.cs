using System.Net;
using Anatomic.Comparison.Results;

namespace Anatomic.Comparison.Pages;

/// <summary>Texts of the page.</summary>
internal static class Text
{
    public static string Encode(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A value with its unit; microseconds from 1,000 on become milliseconds.</summary>
    public static string Value(double value, string unit) =>
        unit switch
        {
            "µs" when value >= 1000 => $"{SummaryTable.Format(value / 1000)} ms",
            "/s" => $"{SummaryTable.Format(value)}/s",
            "" => SummaryTable.Format(value),
            _ => $"{SummaryTable.Format(value)} {Encode(unit)}",
        };
}
