using Anatomic.Engine.Creation;
using Anatomic.Engine.Settings;
using Anatomic.Simulation.Networks;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>
/// A tracker, a seeder and clients: the engine alone, with everything else controlled by the scenario.
/// </summary>
public sealed class TestSwarm
{
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);
    private const int MaxChecksAtOnce = 8; // a check compares all data of a client
    private readonly List<SwarmClient> clients = [];
    private int trackers;
    private int nextCheck;

    private TestSwarm(Simulator simulator, SwarmContent content)
    {
        Simulator = simulator;
        Content = content;
        simulator.AddInvariant(
            "no client counts wrong data as done",
            () => NextToCheck().Select(client => client.CheckProgress()).FirstOrDefault(wrong => wrong is not null)
        );
    }

    public Simulator Simulator { get; }
    public SwarmContent Content { get; }
    public IReadOnlyList<SwarmClient> Clients => clients;
    public ScriptedTracker Tracker { get; private set; } = null!;
    public TorrentMetainfo Metainfo { get; private set; } = null!;

    /// <summary>The client with the complete content; it starts with <see cref="SeedAsync"/>.</summary>
    public SwarmClient Seeder { get; private set; } = null!;

    /// <summary>A plain download by the .torrent file.</summary>
    public AddTorrent Download => new() { Metainfo = Metainfo, Folder = SwarmClient.Folder };

    /// <summary>Starts one tracker, and creates the torrent on the seeder's host.</summary>
    public static async Task<TestSwarm> BuildAsync(
        Simulator simulator,
        SwarmContent content,
        TorrentFormat format = TorrentFormat.V1,
        bool overUdp = false,
        bool isV6 = false,
        bool isPrivate = false,
        LineOptions? seederLine = null
    )
    {
        var testSwarm = new TestSwarm(simulator, content);
        testSwarm.Tracker = await testSwarm.AddTrackerAsync(isV6);
        testSwarm.Seeder = testSwarm.AddClient("seeder", isV6, seederLine);
        content.PlaceOn(testSwarm.Seeder.Host);
        testSwarm.Metainfo = await testSwarm.Seeder.Host.RunAsync(world =>
            TorrentCreator.CreateAsync(
                world,
                $"{SwarmClient.Folder}/{content.Name}",
                new CreateOptions
                {
                    Format = format,
                    IsPrivate = isPrivate,
                    PieceLength = SwarmContent.PieceLength,
                    AnnounceTiers =
                    [
                        [overUdp ? testSwarm.Tracker.UdpUrl : testSwarm.Tracker.Url],
                    ],
                },
                progress: null,
                CancellationToken.None
            )
        );
        return testSwarm;
    }

    public async Task<ScriptedTracker> AddTrackerAsync(bool isV6 = false)
    {
        var number = ++trackers;
        var tracker = new ScriptedTracker(
            Simulator,
            Simulator.AddHost($"tracker-{number}", isV6 ? $"fd00::1:{number}" : $"10.5.0.{number}")
        );
        await tracker.StartAsync();
        return tracker;
    }

    /// <summary>Adds a client in a network of its own, with a line to the internet.</summary>
    public SwarmClient AddClient(string name, bool isV6 = false, LineOptions? line = null)
    {
        var number = clients.Count + 1;
        var address = isV6 ? $"fd00:2:{number:x}::1" : $"10.4.{number}.1";
        var options = new HostOptions { Line = line ?? new LineOptions() };
        var client = new SwarmClient(Simulator.AddHost(name, options, address), Content);
        clients.Add(client);
        return client;
    }

    /// <summary>Starts the seeder, and waits until it has checked its data.</summary>
    public async Task SeedAsync(Func<SessionOptions, SessionOptions>? configure = null)
    {
        await Seeder.StartAsync(Download with { SeedOnly = true }, configure);
        await Simulator.WaitUntilAsync(Describe, () => Seeder.IsComplete, Timeout);
    }

    public async Task<SwarmClient> AddLeecherAsync(string name, bool isV6 = false)
    {
        var leecher = AddClient(name, isV6);
        await leecher.StartAsync(Download);
        return leecher;
    }

    /// <summary>A download by the magnet link, with the torrent's trackers.</summary>
    public AddTorrent ByMagnet(Func<MagnetLink, MagnetLink>? configure = null)
    {
        var link = MagnetLink.Of(Metainfo);
        return new() { Magnet = configure?.Invoke(link) ?? link, Folder = SwarmClient.Folder };
    }

    /// <summary>Waits until the clients have finished, and compares every file.</summary>
    public async Task FinishAsync(params IReadOnlyList<SwarmClient> downloading)
    {
        await Simulator.WaitUntilAsync(Describe, () => downloading.All(client => client.IsComplete), Timeout);
        foreach (var client in downloading)
        {
            ScenarioAssert.That(client.FindWrongFile() is null, client.FindWrongFile()!);
        }
    }

    /// <summary>The clients that are checked this time: all of a small swarm, some of a crowd.</summary>
    private IEnumerable<SwarmClient> NextToCheck()
    {
        for (var i = 0; i < Math.Min(MaxChecksAtOnce, clients.Count); i++)
        {
            yield return clients[nextCheck++ % clients.Count];
        }
    }

    /// <summary>The state of all clients, for failure messages.</summary>
    public string Describe() =>
        "the expected state" + string.Concat(clients.Select(client => $"\n  {client.Describe()}"));
}
