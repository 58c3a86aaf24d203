using Anatomic.Engine.Torrents;

namespace Anatomic.Simulation.Scenarios.EndToEnd;

/// <summary>Downloads from planting to the last leecher, with faults on the way.</summary>
public static class DownloadScenarios
{
    private const int Leechers = 5;
    private const int ContentBytes = 600_000; // 19 pieces, the last one short
    private static readonly TimeSpan DownloadTimeout = TimeSpan.FromMinutes(5);

    /// <summary>With one supernode, three nodes and a seeder, five leechers get the same file.</summary>
    public static async Task AllFinish(Simulator simulator)
    {
        var (network, torrent) = await PlantAndSeedAsync(simulator);
        var leechers = await StartLeechersAsync(network, torrent);
        await network.FinishAsync(torrent, leechers, DownloadTimeout);
        await simulator.WaitUntilAsync("the nodes share peers", () => network.PeersShared > 0, DownloadTimeout);
    }

    /// <summary>A node crashes during the downloads; later leechers finish, too.</summary>
    public static async Task NodeCrashes(Simulator simulator)
    {
        var (network, torrent) = await PlantAndSeedAsync(simulator);
        var leechers = await StartLeechersAsync(network, torrent);
        await WaitForFirstQuarterAsync(simulator, torrent, leechers[0]);
        network.Nodes[simulator.Entropy.Next(network.Nodes.Count)].Crash();
        leechers.AddRange(await StartLeechersAsync(network, torrent));
        await network.FinishAsync(torrent, leechers, DownloadTimeout);
    }

    /// <summary>The only supernode that the torrent names crashes soon after planting.</summary>
    public static async Task SupernodeCrashesAfterPlanting(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(simulator, supernodes: 1, nodes: 3);
        var torrent = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes));
        // Within seconds the holders learn each other's addresses from it; without them they could not share peers.
        await simulator.WaitAsync(TimeSpan.FromSeconds(10 + simulator.Entropy.Next(50)));
        network.Supernodes[0].Crash();
        await network.AddSeeder().StartAsync(torrent.Metainfo, torrent.Content);
        var leechers = await StartLeechersAsync(network, torrent);
        await network.FinishAsync(torrent, leechers, DownloadTimeout);
    }

    /// <summary>A leecher crashes during its download, restarts, and never counts a wrong piece as done.</summary>
    public static async Task LeecherCrashesAndResumes(Simulator simulator)
    {
        var (network, torrent) = await PlantAndSeedAsync(simulator);
        var leechers = await StartLeechersAsync(network, torrent);
        var crashing = leechers[0];
        for (var crash = 0; crash < 2 && !crashing.IsComplete; crash++)
        {
            await WaitForFirstQuarterAsync(simulator, torrent, crashing);
            crashing.Crash();
            await simulator.WaitAsync(TimeSpan.FromSeconds(simulator.Entropy.Next(20)));
            await crashing.RestartAsync(torrent.Metainfo);
        }
        await network.FinishAsync(torrent, leechers, DownloadTimeout);
    }

    /// <summary>A leecher with a full disk reports it, and the others finish.</summary>
    public static async Task FullDiskStopsOneLeecher(Simulator simulator)
    {
        var (network, torrent) = await PlantAndSeedAsync(simulator);
        var fullDisk = network.AddClient("full-disk");
        fullDisk.Host.Disk.CapacityBytes = ContentBytes / 2;
        await fullDisk.StartAsync(torrent.Metainfo, torrent.Content);
        var leechers = await StartLeechersAsync(network, torrent);
        await network.FinishAsync(torrent, leechers, DownloadTimeout);
        await simulator.WaitUntilAsync(
            "the client reports its full disk",
            () => fullDisk.Torrent!.Status.State == TorrentState.Faulted,
            DownloadTimeout
        );
        var fault = fullDisk.Torrent!.Status.Fault ?? "";
        ScenarioAssert.That(
            fault.Contains("full", StringComparison.OrdinalIgnoreCase),
            $"the client with a full disk reports '{fault}'"
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

    private static Task WaitForFirstQuarterAsync(Simulator simulator, PlantedTorrent torrent, ScenarioClient client) =>
        simulator.WaitUntilAsync(
            $"{client.Host.Name} has a quarter of the file",
            () => client.Torrent!.Status.Done >= torrent.Content.Length / 4,
            DownloadTimeout
        );
}
