using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Measurements;
using Anatomic.Comparison.Results;
using Anatomic.Comparison.Servers;

namespace Anatomic.Comparison.Flood;

/// <summary>This node under hostile traffic, while a probe client measures whether it still serves.</summary>
internal sealed class FloodRun(FloodOptions options, Server server, RunRecorder recorder)
{
    private const int Torrents = 10_000;
    private const int Peers = 200_000;
    private const double MiB = 1024 * 1024;

    /// <summary>
    /// How much the anonymous memory of the node may grow. All peers may have announced again, and the collector may
    /// still hold a generation; a leak of 8 bytes per datagram is above the limit.
    /// </summary>
    private const long MaxGrowthBytes = 64 << 20;

    /// <summary>
    /// Share of the probe's announces that may be lost: a full queue drops datagrams of every client.
    /// </summary>
    private const double MaxLostShare = 0.01;

    private static readonly TimeSpan ReplyGrace = TimeSpan.FromSeconds(2.5);

    public static int Start(Arguments arguments)
    {
        var options = FloodOptions.Read(arguments);
        var recorder = new RunRecorder(RecordingOptions.Read(arguments));
        arguments.RejectUnknown();
        CpuAffinity.PinGenerator();
        var population = Population.Even("flood", Torrents, Peers);
        using var server = TrackerServers.StartAnatomic(options.Node);
        recorder.Add(server);
        PopulationFiller.Fill(server, population);
        var run = new FloodRun(options, server, recorder);
        var datagramFlood = new DatagramFlood(server.Udp!, population);
        using var udpProbe = new UdpProbeClient(server.Udp!, population, options.ProbeRate);
        var datagrams = run.Survives(
            "flood-datagrams",
            "Hostile datagrams beside a well-behaved client",
            options.Datagrams,
            udpProbe,
            count => datagramFlood.Run(count, options.Pace, udpProbe)
        );
        var requestFlood = new RequestFlood(server.Http!, population);
        using var httpProbe = new HttpProbeClient(server.Http!, population, options.ProbeRate);
        var requests = run.Survives(
            "flood-requests",
            "Hostile HTTP requests beside a well-behaved client",
            options.Requests,
            httpProbe,
            count => requestFlood.Run(count, httpProbe)
        );
        recorder.Write();
        return datagrams && requests ? 0 : 1;
    }

    /// <summary>Runs one kind of flood; false if the node fails a limit or exits.</summary>
    private bool Survives(string name, string about, int count, IProbeClient probe, Func<int, long> flood)
    {
        Console.WriteLine($"\n{name}: {about}");
        try
        {
            return Run(name, about, count, probe, flood);
        }
        catch (ComparisonException fault) when (server.ExitsWithin(TimeSpan.FromSeconds(1)))
        {
            Console.WriteLine($"{name}: the node exited ({fault.Message})");
            return false;
        }
    }

    private bool Run(string name, string about, int count, IProbeClient probe, Func<int, long> flood)
    {
        // The first tenth compiles the code and fills the pools; memory is compared from there on.
        flood(count / 10);
        probe.Begin();
        probe.Run(options.Quiet, sends: true);
        probe.Run(ReplyGrace, sends: false);
        var quiet = probe.Result;
        var memoryBefore = server.AnonymousBytes;
        probe.Begin();
        var answered = 0L;
        var round = Round.Of(
            server,
            () =>
            {
                var begin = TimeProvider.System.GetTimestamp();
                answered = flood(count);
                probe.Result.Time = TimeProvider.System.GetElapsedTime(begin);
                return probe.Result;
            },
            (_, _) => []
        );
        var flooded = probe.Result;
        probe.Run(ReplyGrace, sends: false);
        if (server.HasExited)
        {
            throw new ComparisonException("under the flood");
        }
        var grown = server.AnonymousBytes - memoryBefore;
        round = round with
        {
            Lost = flooded.Lost,
            Invalid = flooded.Invalid,
            Values =
            [
                new Measurement(Metrics.HostileRate, "/s", count / flooded.Time.TotalSeconds),
                new Measurement(Metrics.HostileSent, "", count),
                new Measurement(Metrics.HostileAnswered, "", answered),
                new Measurement(Metrics.QuietP50, "µs", quiet.Latencies.Quantile(0.5)),
                new Measurement(Metrics.FloodedP50, "µs", flooded.Latencies.Quantile(0.5)),
                new Measurement(Metrics.QuietP99, "µs", quiet.Latencies.Quantile(0.99)),
                new Measurement(Metrics.FloodedP99, "µs", flooded.Latencies.Quantile(0.99)),
                new Measurement(Metrics.Answered, "", flooded.Answered),
                new Measurement(Metrics.Lost, "", flooded.Lost),
                new Measurement(Metrics.Invalid, "", flooded.Invalid),
                new Measurement(Metrics.MemoryGrowth, "MiB", grown / MiB),
            ],
        };
        recorder.Add(
            ScenarioRecord.Of(name, about, new Dictionary<string, IReadOnlyList<Round>> { [server.Name] = [round] })
        );
        var failures = FindFailures(quiet, flooded, grown).ToList();
        failures.ForEach(failure => Console.WriteLine($"  {name}: {failure}"));
        return failures.Count == 0;
    }

    private static IEnumerable<string> FindFailures(LoadResult quiet, LoadResult flooded, long grown)
    {
        if (quiet.Answered == 0 || flooded.Answered == 0 || flooded.Invalid > 0)
        {
            yield return "the probe client was not served";
        }
        if (flooded.Lost > MaxLostShare * (flooded.Answered + flooded.Lost))
        {
            yield return $"the probe client lost more than {MaxLostShare:0%} of its announces";
        }
        if (grown > MaxGrowthBytes)
        {
            yield return $"memory grew by {grown / MiB:N0} MiB, more than {MaxGrowthBytes / MiB:N0} MiB";
        }
    }
}
