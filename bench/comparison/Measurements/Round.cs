using System.Diagnostics;
using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Servers;

namespace Anatomic.Comparison.Measurements;

/// <param name="Metric">What was measured, where a scenario measures more than one thing; else empty.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Value">How much.</param>
internal readonly record struct Figure(string Metric, string Unit, double Value);

/// <summary>One server's turn in one round.</summary>
internal sealed record Round
{
    public required IReadOnlyList<Figure> Figures { get; init; }

    /// <summary>Share of its core that the server used; near 1 at a peak, else it was not the limit.</summary>
    public double ServerCpu { get; init; }

    /// <summary>Share of its core that the generator used.</summary>
    public double GeneratorCpu { get; init; }

    /// <summary>Share of the whole machine that others used: beyond a tenth, the round says little.</summary>
    public double OthersCpu { get; init; }

    /// <summary>Share of the whole machine's time that the machine below took away from whoever had work to do.</summary>
    public double Stolen { get; init; }

    public long Lost { get; init; }

    public long Bad { get; init; }

    /// <summary>Runs a load and notes what it cost both sides.</summary>
    /// <param name="server">Who serves.</param>
    /// <param name="load">Runs it.</param>
    /// <param name="figures">From what came of it, and the processor time that the server took.</param>
    public static Round Of(
        Server server,
        Func<LoadResult> load,
        Func<LoadResult, TimeSpan, IReadOnlyList<Figure>> figures
    )
    {
        var (serverBefore, ownBefore) = (server.CpuTime, Environment.CpuUsage.TotalTime);
        var (busyBefore, stolenBefore) = (MachineLoad.Busy, MachineLoad.Stolen);
        var watch = Stopwatch.StartNew();
        var result = load();
        if (server.HasEnded)
        {
            throw new PeersException($"{server.Name} has ended under the load");
        }
        var time = watch.Elapsed;
        var (serverTime, ownTime) = (server.CpuTime - serverBefore, Environment.CpuUsage.TotalTime - ownBefore);
        var others = MachineLoad.Busy - busyBefore - serverTime - ownTime;
        return new Round
        {
            Figures = figures(result, serverTime),
            ServerCpu = serverTime / time,
            GeneratorCpu = ownTime / time,
            OthersCpu = Math.Max(0, others / (time * MachineLoad.Cores)),
            Stolen = (MachineLoad.Stolen - stolenBefore) / (time * MachineLoad.Cores),
            Lost = result.Lost,
            Bad = result.Bad,
        };
    }

    public static Round OfRate(Server server, Func<LoadResult> load) =>
        Of(
            server,
            load,
            (result, serverTime) =>
                [
                    new Figure("", "/s", result.Rate),
                    // Where the generator is the limit, this is what two servers differ in.
                    new Figure("server's time each", "µs", serverTime.TotalMicroseconds / Math.Max(1, result.Answered)),
                ]
        );

    public static Round OfLatency(Server server, Func<LoadResult> load) =>
        Of(
            server,
            () => Watched(load),
            (result, _) =>
                [
                    new Figure("offered and answered", "/s", result.Rate),
                    new Figure("p50", "µs", result.Unstalled.Quantile(0.5)),
                    new Figure("p90", "µs", result.Unstalled.Quantile(0.9)),
                    .. HighQuantiles(result),
                    new Figure("not timed", "%", 100.0 * result.Untimed / Math.Max(1, result.Answered)),
                ]
        );

    private static LoadResult Watched(Func<LoadResult> load)
    {
        var watch = CoreWatch.TryStart();
        var result = load();
        result.SetApart(watch?.End() ?? []);
        return result;
    }

    /// <summary>Without a watch every request counts, and is said to.</summary>
    private static IEnumerable<Figure> HighQuantiles(LoadResult result)
    {
        if (CoreWatch.Lack is null)
        {
            yield return new Figure("p99", "µs", result.Unstalled.Quantile(0.99));
            yield return new Figure("p99.9", "µs", result.Unstalled.Quantile(0.999));
            yield return new Figure("met a stall", "%", 100.0 * result.Stalled / Math.Max(1, result.Answered));
        }
        yield return new Figure("p99, stalls and all", "µs", result.Latencies.Quantile(0.99));
        yield return new Figure("p99.9, stalls and all", "µs", result.Latencies.Quantile(0.999));
    }
}
