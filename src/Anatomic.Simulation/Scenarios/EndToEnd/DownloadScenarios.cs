using Anatomic.Engine.Torrents;

namespace Anatomic.Simulation.Scenarios.EndToEnd;

/// <summary>A file from its publisher to those who want it, with something going wrong on the way.</summary>
public static class DownloadScenarios
{
    private const int Leechers = 5;
    private const int ContentBytes = 600_000; // 19 pieces, the last one short
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>One supernode, three nodes, a seeder and five leechers: all end with the same file.</summary>
    public static async Task AllFinish(Simulator simulator)
    {
        var (network, torrent) = await PlantAndSeedAsync(simulator);
        var leechers = await StartLeechersAsync(network, torrent);
        await network.FinishAsync(torrent, leechers, Patience);
        await simulator.WaitUntilAsync("the nodes share peers", () => network.PeersShared > 0, Patience);
    }

    /// <summary>A node dies while they download.</summary>
    public static async Task NodeDiesInTheMiddle(Simulator simulator)
    {
        var (network, torrent) = await PlantAndSeedAsync(simulator);
        var leechers = await StartLeechersAsync(network, torrent);
        await HalfwayAsync(simulator, torrent, leechers[0]);
        network.Nodes[simulator.Entropy.Next(network.Nodes.Count)].Crash();
        leechers.AddRange(await StartLeechersAsync(network, torrent));
        await network.FinishAsync(torrent, leechers, Patience);
    }

    /// <summary>The only supernode that the torrent names dies soon after planting.</summary>
    public static async Task SupernodeDiesAfterPlanting(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(simulator, supernodes: 1, nodes: 3);
        var torrent = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes));
        // The holders learn each other's addresses from it, within seconds: without them they share no peers.
        await simulator.WaitAsync(TimeSpan.FromSeconds(10 + simulator.Entropy.Next(50)));
        network.Supernodes[0].Crash();
        await network.AddSeeder().StartAsync(torrent.Metainfo, torrent.Content);
        var leechers = await StartLeechersAsync(network, torrent);
        await network.FinishAsync(torrent, leechers, Patience);
    }

    /// <summary>A leecher crashes in the middle, starts again, and claims no piece that is not right.</summary>
    public static async Task LeecherCrashesAndResumes(Simulator simulator)
    {
        var (network, torrent) = await PlantAndSeedAsync(simulator);
        var leechers = await StartLeechersAsync(network, torrent);
        var unlucky = leechers[0];
        for (var crash = 0; crash < 2 && !unlucky.IsComplete; crash++)
        {
            await HalfwayAsync(simulator, torrent, unlucky);
            unlucky.Crash();
            await simulator.WaitAsync(TimeSpan.FromSeconds(simulator.Entropy.Next(20)));
            await unlucky.RestartAsync(torrent.Metainfo);
        }
        await network.FinishAsync(torrent, leechers, Patience);
    }

    /// <summary>A leecher's disk is full: it says so, and the others go on.</summary>
    public static async Task FullDiskStopsOneOnly(Simulator simulator)
    {
        var (network, torrent) = await PlantAndSeedAsync(simulator);
        var cramped = network.AddClient("cramped");
        cramped.Host.Disk.CapacityBytes = ContentBytes / 2;
        await cramped.StartAsync(torrent.Metainfo, torrent.Content);
        var leechers = await StartLeechersAsync(network, torrent);
        await network.FinishAsync(torrent, leechers, Patience);
        await simulator.WaitUntilAsync(
            "the full disk is noticed",
            () => cramped.Torrent!.Status.State == TorrentState.Faulted,
            Patience
        );
        var fault = cramped.Torrent!.Status.Fault ?? "";
        TestNetwork.Require(
            fault.Contains("full", StringComparison.OrdinalIgnoreCase),
            $"the fault of a full disk says '{fault}'"
        );
    }

    private static async Task<(TestNetwork TestNetwork, PlantedTorrent Torrent)> PlantAndSeedAsync(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(simulator, supernodes: 1, nodes: 3);
        var torrent = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes));
        await network.AddSeeder().StartAsync(torrent.Metainfo, torrent.Content);
        return (network, torrent);
    }

    private static async Task<List<ScenarioClient>> StartLeechersAsync(TestNetwork network, PlantedTorrent torrent)
    {
        var started = new List<ScenarioClient>();
        for (var i = 0; i < Leechers; i++)
        {
            var client = network.AddClient($"leecher-{network.Clients.Count}");
            await client.StartAsync(torrent.Metainfo, torrent.Content);
            started.Add(client);
        }
        return started;
    }

    private static Task HalfwayAsync(Simulator simulator, PlantedTorrent torrent, ScenarioClient client) =>
        simulator.WaitUntilAsync(
            $"{client.Host.Name} has some",
            () => client.Torrent!.Status.Done >= torrent.Content.Length / 4,
            Patience
        );
}
