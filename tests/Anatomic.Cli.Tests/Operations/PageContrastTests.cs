using System.Globalization;
using System.Text.RegularExpressions;

namespace Anatomic.Cli.Tests.Operations;

/// <summary>The colours of the served pages, checked against the contrast that WCAG 2.2 requires.</summary>
public sealed partial class PageContrastTests : IAsyncLifetime
{
    // Success criteria 1.4.6 (text, level AAA) and 1.4.11 (fields and graphs).
    private const double Text = 7;
    private const double Shape = 3;

    private readonly RunningNode node = new();

    public Task InitializeAsync() => node.StartAsync();

    public Task DisposeAsync() => node.DisposeAsync().AsTask();

    [Fact]
    public async Task Every_text_and_shape_stands_out_in_both_schemes()
    {
        string[] pages = [await node.GetTextAsync(node.Url, ""), await node.GetTextAsync(node.SupernodeUrl, "")];
        foreach (var colours in pages.SelectMany(page => (Colours[])[Palette(page, "light"), Palette(page, "dark")]))
        {
            foreach (var ground in (string[])["paper", "card"])
            {
                (string Ink, double Least)[] pairs =
                [
                    .. ((string[])["ink", "soft", "accent", "good", "bad"]).Select(ink => (ink, Text)),
                    .. ((string[])["second", "edge"]).Select(ink => (ink, Shape)),
                ];
                foreach (var (ink, least) in pairs)
                {
                    Ratio(colours[ink], colours[ground]).ShouldBeGreaterThanOrEqualTo(least, $"{ink} on {ground}");
                }
            }
        }
    }

    [Theory]
    [InlineData("#fff", "#000", 21.0)]
    [InlineData("#777777", "#ffffff", 4.48)]
    public void The_ratio_matches_the_standard(string one, string other, double ratio) =>
        Ratio(one, other).ShouldBe(ratio, 0.01);

    /// <summary>The colours of one scheme by name.</summary>
    private static Colours Palette(string page, string scheme)
    {
        var colours = new Colours();
        foreach (Match pair in Pair().Matches(page))
        {
            colours.Add(pair.Groups["name"].Value, pair.Groups[scheme].Value);
        }
        return colours;
    }

    private static double Ratio(string one, string other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    /// <summary>WCAG's relative luminance of #rgb or #rrggbb.</summary>
    private static double Luminance(string colour)
    {
        var digits = colour.Length == 4 ? string.Concat(colour[1..].Select(digit => $"{digit}{digit}")) : colour[1..];
        double Part(int at)
        {
            var value = int.Parse(digits.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
            return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
        }
        return (0.2126 * Part(0)) + (0.7152 * Part(2)) + (0.0722 * Part(4));
    }

    [GeneratedRegex(
        @"--(?<name>[a-z]+):light-dark\((?<light>#[0-9a-f]+),(?<dark>#[0-9a-f]+)\)",
        RegexOptions.None,
        1000
    )]
    private static partial Regex Pair();

    private sealed class Colours : Dictionary<string, string>;
}
