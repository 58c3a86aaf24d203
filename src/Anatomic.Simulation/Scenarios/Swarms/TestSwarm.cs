using Anatomic.Engine.Creation;
using Anatomic.Engine.Settings;
using Anatomic.Simulation.Scenarios.EndToEnd;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>A tracker, a seeder and clients: the engine alone, with everything around it under the scenario's hand.</summary>
public sealed class TestSwarm
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private readonly List<SwarmClient> clients = [];
    private int trackers;

    private TestSwarm(Simulator simulator, SwarmContent content)
    {
        Simulator = simulator;
        Content = content;
        simulator.AddInvariant(
            "no wrong piece is claimed",
            () => clients.Select(client => client.Check()).FirstOrDefault(wrong => wrong is not null)
        );
    }

    public Simulator Simulator { get; }
    public SwarmContent Content { get; }
    public IReadOnlyList<SwarmClient> Clients => clients;
    public ScriptedTracker Tracker { get; private set; } = null!;
    public TorrentMetainfo Metainfo { get; private set; } = null!;

    /// <summary>The one that has everything; it seeds once <see cref="SeedAsync"/> is called.</summary>
    public SwarmClient Seeder { get; private set; } = null!;

    /// <summary>How a client without wishes downloads it.</summary>
    public AddTorrent Download => new() { Metainfo = Metainfo, Folder = SwarmClient.Folder };

    /// <summary>Makes the content's torrent at the seeder's, announced at one tracker.</summary>
    public static async Task<TestSwarm> BuildAsync(
        Simulator simulator,
        SwarmContent content,
        TorrentFormat format = TorrentFormat.V1,
        bool overUdp = false,
        bool isV6 = false
    )
    {
        var testSwarm = new TestSwarm(simulator, content);
        testSwarm.Tracker = await testSwarm.AddTrackerAsync(isV6);
        testSwarm.Seeder = testSwarm.AddClient("seeder", isV6);
        content.PlaceOn(testSwarm.Seeder.Host);
        testSwarm.Metainfo = await testSwarm.Seeder.Host.RunAsync(world =>
            TorrentCreator.CreateAsync(
                world,
                $"{SwarmClient.Folder}/{content.Name}",
                new CreateOptions
                {
                    Format = format,
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

    public SwarmClient AddClient(string name, bool isV6 = false)
    {
        var number = clients.Count + 1;
        var client = new SwarmClient(Simulator.AddHost(name, isV6 ? $"fd00::2:{number}" : $"10.4.0.{number}"), Content);
        clients.Add(client);
        return client;
    }

    /// <summary>The seeder has checked its data and takes connections.</summary>
    public async Task SeedAsync(Func<SessionOptions, SessionOptions>? configure = null)
    {
        await Seeder.StartAsync(Download with { SeedOnly = true }, configure);
        await Simulator.WaitUntilAsync(Describe, () => Seeder.IsComplete, Patience);
    }

    public async Task<SwarmClient> AddLeecherAsync(string name, bool isV6 = false)
    {
        var leecher = AddClient(name, isV6);
        await leecher.StartAsync(Download);
        return leecher;
    }

    /// <summary>The magnet link, with the torrent's trackers.</summary>
    public AddTorrent ByMagnet(Func<MagnetLink, MagnetLink>? configure = null)
    {
        var link = MagnetLink.Of(Metainfo);
        return new() { Magnet = configure?.Invoke(link) ?? link, Folder = SwarmClient.Folder };
    }

    /// <summary>Waits until they have everything, and compares each file.</summary>
    public async Task FinishAsync(params IReadOnlyList<SwarmClient> downloading)
    {
        await Simulator.WaitUntilAsync(Describe, () => downloading.All(client => client.IsComplete), Patience);
        foreach (var client in downloading)
        {
            TestNetwork.Require(client.WrongFile() is null, client.WrongFile()!);
        }
    }

    public string Describe() =>
        "what was waited for" + string.Concat(clients.Select(client => $"\n  {client.Describe()}"));
}
