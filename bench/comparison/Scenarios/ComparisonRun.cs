using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Measurements;
using Anatomic.Comparison.Results;
using Anatomic.Comparison.Servers;

namespace Anatomic.Comparison.Scenarios;

/// <summary>The whole comparison: all servers are up at once and take turns, so that the machine's drift is everybody's.</summary>
internal sealed class ComparisonRun(ComparisonOptions options, JsonLines json)
{
    /// <summary>A round of which the machine below took more than this says more of its other guests than of the server.</summary>
    private const double MostStolen = 0.01;

    /// <summary>How often such a round is run again, before it counts all the same.</summary>
    private const int Repeats = 5;

    private readonly Populations populations = new(options);
    private readonly HashSet<(string Server, string Population)> filled = [];

    public static int Start(Arguments arguments)
    {
        var lists = arguments.Has("--list");
        var options = ComparisonOptions.Read(arguments);
        var json = new JsonLines(arguments.Text("--json"));
        arguments.Finish();
        var scenarios = UdpScenarios.All.Concat(HttpScenarios.All).ToList();
        if (lists)
        {
            scenarios.ForEach(scenario => Console.WriteLine($"{scenario.Name, -18} {scenario.About}"));
            MemoryScenarios.All.ToList().ForEach(memory => Console.WriteLine($"{memory.Name, -18} {memory.About}"));
            Console.WriteLine($"{PlantedMemory.Name, -18} {PlantedMemory.About}");
            return 0;
        }
        Cores.PinGenerator();
        var run = new ComparisonRun(options, json);
        run.Compare([.. scenarios.Where(scenario => run.IsWanted(scenario.Name))]);
        foreach (var (name, about, make) in MemoryScenarios.All.Where(memory => run.IsWanted(memory.Name)))
        {
            run.Weigh(name, about, make(options));
        }
        if (run.IsWanted(PlantedMemory.Name))
        {
            Console.WriteLine($"\n{PlantedMemory.Name}: {PlantedMemory.About}");
            run.Tell(PlantedMemory.Name, PlantedMemory.Run(options));
        }
        return 0;
    }

    private bool IsWanted(string name) =>
        options.Only.Count == 0 || options.Only.Any(part => name.Contains(part, StringComparison.Ordinal));

    private void Compare(List<Scenario> scenarios)
    {
        if (scenarios.Count == 0)
        {
            return;
        }
        if (scenarios.Exists(scenario => scenario.Name.Contains("latency", StringComparison.Ordinal)))
        {
            SayWhatIsNotSeen();
        }
        var served = scenarios.Select(scenario => scenario.Population(populations)).Distinct().ToList();
        var servers = new List<Server>();
        try
        {
            servers.Add(Trackers.StartAnatomic(options.Node));
            servers.AddRange(Trackers.StartOpentrackers(options.Opentracker, served));
            if (scenarios.Exists(scenario => scenario.Name.StartsWith("udp", StringComparison.Ordinal)))
            {
                servers.Add(Limits.StartEcho());
            }
            if (scenarios.Exists(scenario => scenario.Name.StartsWith("http", StringComparison.Ordinal)))
            {
                AddNginx(servers);
            }
            foreach (var scenario in scenarios)
            {
                Compare(scenario, [.. servers.Where(scenario.TakesPart)]);
            }
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
        }
    }

    private static void SayWhatIsNotSeen()
    {
        if (CoreWatch.Lack is { } lack)
        {
            Console.WriteLine($"no watch over the servers' core, {lack}: its stalls count as the servers'");
        }
    }

    private static void AddNginx(List<Server> servers)
    {
        if (Limits.StartNginx() is { } nginx)
        {
            servers.Add(nginx);
            return;
        }
        Console.WriteLine($"{Limits.Nginx} is not installed: it takes no part");
    }

    private void Compare(Scenario scenario, IReadOnlyList<Server> servers)
    {
        var population = scenario.Population(populations);
        foreach (var server in servers.Where(server => server.IsTracker))
        {
            Fill(server, population);
        }
        Console.WriteLine($"\n{scenario.Name}: {scenario.About}");
        var rounds = servers.ToDictionary(server => server.Name, _ => new List<Round>());
        var warmUp = options with { Time = TimeSpan.FromSeconds(Math.Min(0.3, options.Time.TotalSeconds)) };
        foreach (var server in servers)
        {
            scenario.Run(server, population, warmUp, 0);
        }
        for (var number = 1; number <= options.Rounds; number++)
        {
            foreach (var server in servers)
            {
                var round = RunQuiet(scenario, server, population, (ulong)number);
                rounds[server.Name].Add(round);
                json.Write(
                    new
                    {
                        Scenario = scenario.Name,
                        Server = server.Name,
                        Number = number,
                        Round = round,
                    }
                );
            }
        }
        Tell(scenario.Name, rounds);
    }

    private Round RunQuiet(Scenario scenario, Server server, Population population, ulong seed)
    {
        for (var repeat = 0; ; repeat++)
        {
            var round = scenario.Run(server, population, options, seed);
            if (round.Stolen <= MostStolen || repeat == Repeats)
            {
                return round;
            }
        }
    }

    private void Fill(Server server, Population population)
    {
        if (filled.Add((server.Name, population.Name)))
        {
            Filling.Fill(server, population);
        }
    }

    private void Weigh(string name, string about, Population population)
    {
        Console.WriteLine($"\n{name}: {about}");
        var rounds = new Dictionary<string, List<Round>>();
        Weigh(Trackers.StartAnatomic(options.Node), population, rounds);
        foreach (var other in Trackers.StartOpentrackers(options.Opentracker, [population]))
        {
            Weigh(other, population, rounds);
        }
        Tell(name, rounds);
    }

    private static void Weigh(Server server, Population population, Dictionary<string, List<Round>> rounds)
    {
        using (server)
        {
            rounds[server.Name] = [MemoryScenarios.Run(server, population)];
        }
    }

    private void Tell(string scenario, Dictionary<string, List<Round>> rounds)
    {
        Table.Print(rounds);
        foreach (var summary in Summary.Of(rounds))
        {
            json.Write(new { Scenario = scenario, Summary = summary });
        }
    }
}
