using System.Diagnostics;
using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Measurements;
using Anatomic.Comparison.Servers;
using Anatomic.Wire.Identity;

namespace Anatomic.Comparison.Scenarios;

/// <summary>
/// What planted torrents cost in memory beyond what torrents cost: the same torrents of one peer each at a node that is open, and at
/// one that holds an order for each of them.
/// </summary>
internal static class PlantedMemory
{
    public const string Name = "memory-planted";
    public const string About = "memory of torrents of one peer each, planted, beside the same ones of an open node";

    public static Dictionary<string, List<Round>> Run(ComparisonOptions options)
    {
        var population = Population.Even(Name, options.Peers, options.Peers);
        var open = Weigh(() => Trackers.MakeOpen(options.Node), population);
        var folder = options.Orders ?? Server.MakeFolder();
        if (!File.Exists(Path.Combine(folder, "plants.db")))
        {
            WriteOrders(options.Node, folder, population);
        }
        // Only the orders are to be there again, not the peers.
        File.Delete(Path.Combine(folder, "swarms.snapshot"));
        var planted = Weigh(
            () =>
            {
                var server = Trackers.MakePlanted(options.Node, folder);
                server.KeepsFolder = options.Orders is not null;
                return server;
            },
            population
        );
        var more = (AnonymousOf(planted) - AnonymousOf(open)) * 1024 * 1024 / population.Torrents;
        Console.WriteLine($"  anonymous memory of a planted torrent beyond that of an open one: {more:0.0} bytes");
        return new() { [Trackers.Anatomic] = [open], [Trackers.Planted] = [planted] };
    }

    private static void WriteOrders(string program, string folder, Population population)
    {
        NodeId node;
        // Its first start makes its key, and tells its id.
        using (var server = Trackers.MakePlanted(program, folder))
        {
            server.KeepsFolder = true;
            if (!NodeId.TryParse(server.ReadLine("node ").Split(' ')[0], out node))
            {
                throw new PeersException("the node does not tell its id");
            }
        }
        var watch = Stopwatch.StartNew();
        Cores.UseAll();
        PlantedOrders.WriteAsync(folder, node, population).GetAwaiter().GetResult();
        Cores.PinGenerator();
        Console.WriteLine($"  {population.Torrents:N0} orders signed and stored in {watch.Elapsed.TotalSeconds:N0} s");
    }

    private static Round Weigh(Func<Server> make, Population population)
    {
        var watch = Stopwatch.StartNew();
        using var server = make();
        server.ReadLine("listening ");
        var (time, cpu, most) = (watch.Elapsed, server.CpuTime, server.MostResidentBytes);
        var round = MemoryScenarios.Run(server, population);
        return round with
        {
            Figures =
            [
                new Figure("start", "s", time.TotalSeconds),
                new Figure("start, its core", "s", cpu.TotalSeconds),
                new Figure("most of the start", "MiB", most / (1024.0 * 1024)),
                .. round.Figures,
            ],
        };
    }

    private static double AnonymousOf(Round round) =>
        round.Figures.Single(figure => figure.Metric == MemoryScenarios.AnonymousInAll).Value;
}
