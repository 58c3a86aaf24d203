using System.Globalization;
using Anatomic.Federation.Monitoring;
using Anatomic.Federation.Pages;
using static System.FormattableString;

namespace Anatomic.Federation.Nodes;

/// <summary>The graphs of the status page.</summary>
internal static class NodeGraphs
{
    public static IReadOnlyList<Graph> Of(TrackerHistory history, HistorySpan span)
    {
        var samples = history.Samples(span);
        var slots = TrackerHistory.LengthOf(span);
        Graph Make(string id, string title, bool stacked, Func<double, string> format) =>
            new(id, title, stacked, slots, format);
        return
        [
            Make("announces", "Announces a second", stacked: true, Rate)
                .With("UDP", samples.Select(sample => (double?)sample.UdpAnnounces))
                .With("HTTP", samples.Select(sample => (double?)sample.HttpAnnounces)),
            Make("peers", "Peers", stacked: true, Whole)
                .With("seeds", samples.Select(sample => (double?)sample.Seeds))
                .With("leeches", samples.Select(sample => (double?)sample.Leechers)),
            Make("latency", "Time to answer an announce", stacked: false, Seconds)
                .With("50 % within", samples.Select(sample => sample.Median))
                .With("99 % within", samples.Select(sample => sample.Slow)),
            Make("shared", "Peers shared by partners", stacked: true, Whole)
                .With("known", samples.Select(sample => (double?)sample.Shared)),
            Make("swarms", "Swarms", stacked: true, Whole)
                .With("known", samples.Select(sample => (double?)sample.Swarms)),
            Make("memory", "Memory of swarms and peers", stacked: true, Bytes)
                .With("in use", samples.Select(sample => (double?)sample.MemoryBytes)),
        ];
    }

    private static string Rate(double value) =>
        value.ToString(value < 10 ? "0.##" : "N0", CultureInfo.InvariantCulture);

    private static string Whole(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Seconds(double value) =>
        value < 0.001 ? Invariant($"{value * 1_000_000:0} µs")
        : value < 1 ? Invariant($"{value * 1_000:0.#} ms")
        : Invariant($"{value:0.#} s");

    private static string Bytes(double value) =>
        value < 1 << 20 ? Invariant($"{value / (1 << 10):0.#} KiB")
        : value < 1 << 30 ? Invariant($"{value / (1 << 20):0.#} MiB")
        : Invariant($"{value / (1 << 30):0.##} GiB");
}
