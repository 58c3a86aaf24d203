using System.Diagnostics;
using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Measurements;
using Anatomic.Comparison.Results;
using Anatomic.Comparison.Servers;
using Anatomic.Wire.Identity;

namespace Anatomic.Comparison.Scenarios;

/// <summary>
/// The memory of an order: the same torrents of one peer each at an open node, and at a node with an order for each.
/// </summary>
internal sealed class PlantedMemoryScenario(ComparisonOptions options, RunRecorder recorder)
{
    public const string Name = "memory-planted";
    public const string About = "Memory per planted torrent of one peer, beside the same torrents at an open node";

    private const double MiB = 1024 * 1024;

    public void Run()
    {
        var population = Population.Even(Name, options.Peers, options.Peers);
        var open = MeasureMemory(() => TrackerServers.LaunchOpen(options.Node), population);
        var folder = options.Orders ?? Server.CreateFolder();
        if (!File.Exists(Path.Combine(folder, "plants.db")))
        {
            WriteOrders(options.Node, folder, population);
        }
        // The node must load the orders but not the peers of an earlier run.
        File.Delete(Path.Combine(folder, "swarms.snapshot"));
        var planted = MeasureMemory(
            () =>
            {
                var server = TrackerServers.LaunchPlanted(options.Node, folder);
                server.KeepsFolder = options.Orders is not null;
                return server;
            },
            population
        );
        var perOrder = (AnonymousMiB(planted) - AnonymousMiB(open)) * MiB / population.Torrents;
        planted = planted with { Values = [new Measurement(Metrics.PerOrder, "B/order", perOrder), .. planted.Values] };
        var rounds = new Dictionary<string, IReadOnlyList<Round>>
        {
            [TrackerServers.Anatomic] = [open],
            [TrackerServers.Planted] = [planted],
        };
        recorder.Add(ScenarioRecord.Of(Name, About, rounds));
    }

    private static void WriteOrders(string program, string folder, Population population)
    {
        NodeId node;
        // The first start creates the key of the node and prints its id.
        using (var server = TrackerServers.LaunchPlanted(program, folder))
        {
            server.KeepsFolder = true;
            if (!NodeId.TryParse(server.ReadLine("node ").Split(' ')[0], out node))
            {
                throw new ComparisonException("the node did not print its id");
            }
        }
        var watch = Stopwatch.StartNew();
        CpuAffinity.UseAllCores();
        PlantedOrderWriter.WriteAsync(folder, node, population).GetAwaiter().GetResult();
        CpuAffinity.PinGenerator();
        Console.WriteLine($"  signed and stored {population.Torrents:N0} orders in {watch.Elapsed.TotalSeconds:N0} s");
    }

    private Round MeasureMemory(Func<Server> launch, Population population)
    {
        var watch = Stopwatch.StartNew();
        using var server = launch();
        recorder.Add(server);
        server.ReadLine("listening ");
        var (time, cpu, peak) = (watch.Elapsed, server.CpuTime, server.PeakResidentBytes);
        var round = MemoryScenarios.Run(server, population);
        return round with
        {
            Values =
            [
                new Measurement(Metrics.Start, "s", time.TotalSeconds),
                new Measurement(Metrics.StartCpu, "s", cpu.TotalSeconds),
                new Measurement(Metrics.StartPeakResident, "MiB", peak / MiB),
                .. round.Values,
            ],
        };
    }

    private static double AnonymousMiB(Round round) =>
        round.Values.Single(value => value.Metric == Metrics.ProcessAnonymous).Value;
}
