using System.Globalization;
using System.Text.RegularExpressions;

namespace Anatomic.Cli.Tests.Operations;

/// <summary>
/// Reads Prometheus' text format 0.0.4 and checks its rules: HELP and TYPE once and before the samples, valid names and
/// labels, no duplicate sample, and histograms whose buckets rise to infinity and to the count.
/// </summary>
internal sealed partial class PrometheusTextParser
{
    private readonly Dictionary<string, string> types = [];
    private readonly HashSet<string> helped = [];
    private readonly Dictionary<string, double> samples = [];
    private string family = "";

    private PrometheusTextParser() { }

    public Dictionary<string, string> Types => types;

    /// <summary>Values by name and labels: <c>name{label="value"}</c>.</summary>
    public Dictionary<string, double> Samples => samples;

    public static PrometheusTextParser Read(string text)
    {
        text.ShouldEndWith("\n");
        var read = new PrometheusTextParser();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            read.ReadLine(line);
        }
        read.types.Keys.ShouldAllBe(name =>
            read.samples.Keys.Any(key => key.StartsWith(name, StringComparison.Ordinal))
        );
        foreach (var (name, _) in read.types.Where(type => type.Value == "histogram"))
        {
            read.CheckHistogram(name);
        }
        return read;
    }

    public double this[string sample] => samples[sample];

    private void ReadLine(string line)
    {
        if (HelpLine().Match(line) is { Success: true } help)
        {
            family = help.Groups["name"].Value;
            helped.Add(family).ShouldBeTrue($"a second HELP: {line}");
            return;
        }
        if (TypeLine().Match(line) is { Success: true } type)
        {
            type.Groups["name"].Value.ShouldBe(family, "TYPE must follow its HELP");
            types.TryAdd(family, type.Groups["type"].Value).ShouldBeTrue($"a second TYPE: {line}");
            return;
        }
        var sample = SampleLine().Match(line);
        sample.Success.ShouldBeTrue($"not HELP, TYPE or a sample: {line}");
        var name = sample.Groups["name"].Value;
        var allowed = types[family] == "histogram" ? (string[])["_bucket", "_sum", "_count"] : [""];
        allowed.ShouldContain(name[family.Length..], $"{name} is not a sample of {family}");
        if (types[family] == "counter")
        {
            name.ShouldEndWith("_total");
        }
        var labels = sample.Groups["label"].Captures.Select(label => label.Value).ToArray();
        labels.ShouldBeUnique();
        var value = Number(sample.Groups["value"].Value);
        samples.TryAdd(name + sample.Groups["labels"].Value, value).ShouldBeTrue($"a duplicate sample: {line}");
    }

    private void CheckHistogram(string name)
    {
        var buckets = samples
            .Where(sample => sample.Key.StartsWith($"{name}_bucket", StringComparison.Ordinal))
            .Select(sample => (Sample: sample, Bound: BoundOf().Match(sample.Key)))
            .GroupBy(bucket => bucket.Sample.Key.Replace(bucket.Bound.Value, "", StringComparison.Ordinal));
        foreach (var spread in buckets)
        {
            var rising = spread
                .Select(bucket => (Bound: Number(bucket.Bound.Groups["bound"].Value), bucket.Sample.Value))
                .ToArray();
            rising.Zip(rising.Skip(1)).ShouldAllBe(pair => pair.First.Bound < pair.Second.Bound);
            rising.Zip(rising.Skip(1)).ShouldAllBe(pair => pair.First.Value <= pair.Second.Value);
            rising[^1].Bound.ShouldBe(double.PositiveInfinity);
            var labels = spread.Key[$"{name}_bucket".Length..].Replace("{}", "", StringComparison.Ordinal);
            samples[$"{name}_count{labels}"].ShouldBe(rising[^1].Value);
            samples.ShouldContainKey($"{name}_sum{labels}");
        }
    }

    private static double Number(string text) =>
        text == "+Inf" ? double.PositiveInfinity : double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex("^# HELP (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) .+$")]
    private static partial Regex HelpLine();

    [GeneratedRegex("^# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<type>gauge|counter|histogram)$")]
    private static partial Regex TypeLine();

    private const string Name = "(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)";
    private const string Label = "(?<label>[a-zA-Z_][a-zA-Z0-9_]*)=\"(\\\\[\\\\\"n]|[^\\\\\"\\n])*\"";
    private const string Value = "(?<value>[-+]?([0-9.]+([eE][-+]?[0-9]+)?|Inf))";

    [GeneratedRegex($"^{Name}(?<labels>\\{{{Label}(,{Label})*\\}})? {Value}$")]
    private static partial Regex SampleLine();

    [GeneratedRegex(",?le=\"(?<bound>[^\"]+)\"")]
    private static partial Regex BoundOf();
}
