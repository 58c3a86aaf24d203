using System.Globalization;
using System.Net;

namespace Anatomic.Comparison.Pages;

/// <summary>Texts of the page.</summary>
internal static class Text
{
    public static string Encode(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A value with its unit; microseconds from 1,000 on become milliseconds.</summary>
    public static string Value(double value, string unit) =>
        unit switch
        {
            "µs" when value >= 1000 => $"{Number(value / 1000)} ms",
            "/s" => $"{Number(value)}/s",
            "" => Number(value),
            _ => $"{Number(value)} {Encode(unit)}",
        };

    /// <summary>Three significant digits below 100, no decimals above; whole numbers stay whole.</summary>
    private static string Number(double value) =>
        value.ToString(
            Math.Abs(value) >= 100 || value == Math.Round(value) ? "#,0"
                : Math.Abs(value) >= 10 ? "0.0"
                : "0.00",
            CultureInfo.InvariantCulture
        );
}
