using System.Diagnostics;
using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Servers;

namespace Anatomic.Comparison.Measurements;

/// <summary>One value of a round.</summary>
/// <param name="Metric">Its name, unique within the scenario.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Value">NaN if nothing was measured.</param>
internal readonly record struct Measurement(string Metric, string Unit, double Value);

/// <summary>The turn of one server in one round.</summary>
internal sealed record Round
{
    public required IReadOnlyList<Measurement> Values { get; init; }

    /// <summary>Share of its core that the server used; the server is the limit only near 1.</summary>
    public double ServerCpu { get; init; }

    /// <summary>Share of its core that the generator used.</summary>
    public double GeneratorCpu { get; init; }

    /// <summary>Share of the whole machine that other processes used; above a tenth, the round says little.</summary>
    public double OthersCpu { get; init; }

    /// <summary>
    /// Share of the time of the whole machine that the hypervisor took away while there was work to do.
    /// </summary>
    public double Steal { get; init; }

    public long Lost { get; init; }

    public long Invalid { get; init; }

    /// <summary>Runs a load and measures what it costs both sides.</summary>
    /// <param name="server">The server under load.</param>
    /// <param name="load">Runs the load.</param>
    /// <param name="measure">Makes the values from the result and the processor time of the server.</param>
    public static Round Of(
        Server server,
        Func<LoadResult> load,
        Func<LoadResult, TimeSpan, IReadOnlyList<Measurement>> measure
    )
    {
        var (serverBefore, ownBefore) = (server.CpuTime, Environment.CpuUsage.TotalTime);
        var (busyBefore, stolenBefore) = (MachineLoad.Busy, MachineLoad.Stolen);
        var watch = Stopwatch.StartNew();
        var result = load();
        if (server.HasExited)
        {
            throw new ComparisonException($"{server.Name} exited under the load");
        }
        var time = watch.Elapsed;
        var (serverTime, ownTime) = (server.CpuTime - serverBefore, Environment.CpuUsage.TotalTime - ownBefore);
        var others = MachineLoad.Busy - busyBefore - serverTime - ownTime;
        return new Round
        {
            Values = measure(result, serverTime),
            ServerCpu = serverTime / time,
            GeneratorCpu = ownTime / time,
            OthersCpu = Math.Max(0, others / (time * MachineLoad.Cores)),
            Steal = (MachineLoad.Stolen - stolenBefore) / (time * MachineLoad.Cores),
            Lost = result.Lost,
            Invalid = result.Invalid,
        };
    }

    public static Round OfRate(Server server, Func<LoadResult> load) =>
        Of(
            server,
            load,
            (result, serverTime) =>
                [
                    new Measurement(Metrics.Rate, "/s", result.Rate),
                    // Where the generator is the limit, servers differ only in this.
                    new Measurement(
                        Metrics.CpuPerRequest,
                        "µs",
                        serverTime.TotalMicroseconds / Math.Max(1, result.Answered)
                    ),
                ]
        );

    public static Round OfLatency(Server server, Func<LoadResult> load) =>
        Of(
            server,
            () => WithStallDetector(load),
            (result, _) =>
                [
                    new Measurement(Metrics.Rate, "/s", result.Rate),
                    new Measurement(Metrics.P50, "µs", result.Unstalled.Quantile(0.5)),
                    new Measurement(Metrics.P90, "µs", result.Unstalled.Quantile(0.9)),
                    .. HighQuantiles(result),
                    new Measurement(Metrics.NotTimed, "%", 100.0 * result.Untimed / Math.Max(1, result.Answered)),
                ]
        );

    private static LoadResult WithStallDetector(Func<LoadResult> load)
    {
        var detector = StallDetector.TryStart();
        var result = load();
        result.SeparateStalled(detector?.Stop() ?? []);
        return result;
    }

    /// <summary>Without a detector every request counts, and only the metrics with stalls exist.</summary>
    private static IEnumerable<Measurement> HighQuantiles(LoadResult result)
    {
        if (StallDetector.UnavailableReason is null)
        {
            yield return new Measurement(Metrics.P99, "µs", result.Unstalled.Quantile(0.99));
            yield return new Measurement(Metrics.P999, "µs", result.Unstalled.Quantile(0.999));
            yield return new Measurement(Metrics.Stalled, "%", 100.0 * result.Stalled / Math.Max(1, result.Answered));
        }
        yield return new Measurement(Metrics.P99WithStalls, "µs", result.Latencies.Quantile(0.99));
        yield return new Measurement(Metrics.P999WithStalls, "µs", result.Latencies.Quantile(0.999));
    }
}
