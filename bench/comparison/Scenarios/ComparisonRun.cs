using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Measurements;
using Anatomic.Comparison.Results;
using Anatomic.Comparison.Servers;

namespace Anatomic.Comparison.Scenarios;

/// <summary>
/// The whole comparison. All servers run at once and take turns, so that drift of the machine affects all alike.
/// </summary>
internal sealed class ComparisonRun(ComparisonOptions options, RunRecorder recorder)
{
    /// <summary>
    /// With a larger share of steal time a round tells more about other guests than about the server.
    /// </summary>
    private const double MaxSteal = 0.01;

    /// <summary>How often such a round is repeated before it counts anyway.</summary>
    private const int MaxRepeats = 5;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.3);

    private readonly Populations populations = new(options.Torrents, options.Peers);
    private readonly HashSet<(string Server, string Population)> filled = [];

    public static int Start(Arguments arguments)
    {
        var lists = arguments.Has("--list");
        var options = ComparisonOptions.Read(arguments);
        var recorder = new RunRecorder(RecordingOptions.Read(arguments));
        arguments.RejectUnknown();
        var scenarios = UdpScenarios.All.Concat(HttpScenarios.All).ToList();
        if (lists)
        {
            scenarios.ForEach(scenario => Console.WriteLine($"{scenario.Name, -18} {scenario.About}"));
            MemoryScenarios.All.ToList().ForEach(memory => Console.WriteLine($"{memory.Name, -18} {memory.About}"));
            Console.WriteLine($"{PlantedMemoryScenario.Name, -18} {PlantedMemoryScenario.About}");
            return 0;
        }
        CpuAffinity.PinGenerator();
        var run = new ComparisonRun(options, recorder);
        run.Compare([.. scenarios.Where(scenario => run.IsWanted(scenario.Name))]);
        foreach (var (name, about, make) in MemoryScenarios.All.Where(memory => run.IsWanted(memory.Name)))
        {
            run.MeasureMemory(name, about, make(options));
        }
        if (run.IsWanted(PlantedMemoryScenario.Name))
        {
            Announce(PlantedMemoryScenario.Name, PlantedMemoryScenario.About);
            new PlantedMemoryScenario(options, recorder).Run();
        }
        recorder.Write();
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
            WarnWithoutStallDetector();
        }
        var served = scenarios.Select(scenario => scenario.Population(populations)).Distinct().ToList();
        var servers = new List<Server>();
        try
        {
            servers.Add(TrackerServers.StartAnatomic(options.Node));
            servers.AddRange(TrackerServers.StartOpentrackers(options.Opentracker, served));
            if (scenarios.Exists(scenario => scenario.Name.StartsWith("udp", StringComparison.Ordinal)))
            {
                servers.Add(BaselineServers.StartEcho());
            }
            if (scenarios.Exists(scenario => scenario.Name.StartsWith("http", StringComparison.Ordinal)))
            {
                AddNginx(servers);
            }
            servers.ForEach(recorder.Add);
            foreach (var scenario in scenarios)
            {
                Compare(scenario, [.. servers.Where(scenario.CanRun)]);
            }
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
        }
    }

    private static void WarnWithoutStallDetector()
    {
        if (StallDetector.UnavailableReason is { } reason)
        {
            Console.WriteLine($"no stall detector, {reason}: stalls of the core count as latency of the servers");
        }
    }

    private static void AddNginx(List<Server> servers)
    {
        if (BaselineServers.StartNginx() is { } nginx)
        {
            servers.Add(nginx);
            return;
        }
        Console.WriteLine($"{BaselineServers.Nginx} is not installed: skipped");
    }

    private static void Announce(string name, string about) => Console.WriteLine($"\n{name}: {about}");

    private void Compare(Scenario scenario, IReadOnlyList<Server> servers)
    {
        var population = scenario.Population(populations);
        foreach (var server in servers.Where(server => server.IsTracker))
        {
            Fill(server, population);
        }
        Announce(scenario.Name, scenario.About);
        var rounds = servers.ToDictionary(server => server.Name, _ => new List<Round>());
        var warmUp = options with { Time = WarmUp < options.Time ? WarmUp : options.Time };
        foreach (var server in servers)
        {
            scenario.Run(server, population, warmUp, 0);
        }
        for (var number = 1; number <= options.Rounds; number++)
        {
            foreach (var server in servers)
            {
                rounds[server.Name].Add(RunWithLittleSteal(scenario, server, population, (ulong)number));
            }
        }
        Record(scenario.Name, scenario.About, rounds);
    }

    private Round RunWithLittleSteal(Scenario scenario, Server server, Population population, ulong seed)
    {
        for (var repeat = 0; ; repeat++)
        {
            var round = scenario.Run(server, population, options, seed);
            if (round.Steal <= MaxSteal || repeat == MaxRepeats)
            {
                return round;
            }
        }
    }

    private void Fill(Server server, Population population)
    {
        if (filled.Add((server.Name, population.Name)))
        {
            PopulationFiller.Fill(server, population);
        }
    }

    private void MeasureMemory(string name, string about, Population population)
    {
        Announce(name, about);
        var rounds = new Dictionary<string, List<Round>>();
        Measure(TrackerServers.StartAnatomic(options.Node));
        foreach (var other in TrackerServers.StartOpentrackers(options.Opentracker, [population]))
        {
            Measure(other);
        }
        Record(name, about, rounds);

        void Measure(Server server)
        {
            using (server)
            {
                recorder.Add(server);
                rounds[server.Name] = [MemoryScenarios.Run(server, population)];
            }
        }
    }

    private void Record(string name, string about, Dictionary<string, List<Round>> rounds) =>
        recorder.Add(
            ScenarioRecord.Of(
                name,
                about,
                rounds.ToDictionary(turns => turns.Key, turns => (IReadOnlyList<Round>)turns.Value)
            )
        );
}
