using Anatomic.Engine.Torrents;

namespace Anatomic.Simulation.Scenarios;

/// <summary>A file from its publisher to those who want it, with something going wrong on the way.</summary>
public static class DownloadScenarios
{
    private const int Leechers = 5;
    private const int ContentBytes = 600_000; // 19 pieces, the last one short
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>One supernode, three nodes, a seeder and five leechers: all end with the same file.</summary>
    public static async Task AllFinish(Universe universe)
    {
        var (village, torrent) = await PlantAndSeedAsync(universe);
        var leechers = await StartLeechersAsync(village, torrent);
        await village.FinishAsync(torrent, leechers, Patience);
        await universe.WaitUntilAsync("the nodes share peers", () => village.PeersShared > 0, Patience);
    }

    /// <summary>A node dies while they download.</summary>
    public static async Task NodeDiesInTheMiddle(Universe universe)
    {
        var (village, torrent) = await PlantAndSeedAsync(universe);
        var leechers = await StartLeechersAsync(village, torrent);
        await HalfwayAsync(universe, torrent, leechers[0]);
        village.Nodes[universe.Entropy.Next(village.Nodes.Count)].Crash();
        leechers.AddRange(await StartLeechersAsync(village, torrent));
        await village.FinishAsync(torrent, leechers, Patience);
    }

    /// <summary>The only supernode that the torrent names dies soon after planting.</summary>
    public static async Task SupernodeDiesAfterPlanting(Universe universe)
    {
        var village = await Village.BuildAsync(universe, supernodes: 1, nodes: 3);
        var torrent = await village.PlantAsync(universe.Entropy.Bytes(ContentBytes));
        // The holders learn each other's addresses from it, within seconds: without them they share no peers.
        await universe.WaitAsync(TimeSpan.FromSeconds(10 + universe.Entropy.Next(50)));
        village.Supernodes[0].Crash();
        await village.AddSeeder().StartAsync(torrent.Metainfo, torrent.Content);
        var leechers = await StartLeechersAsync(village, torrent);
        await village.FinishAsync(torrent, leechers, Patience);
    }

    /// <summary>A leecher crashes in the middle, starts again, and claims no piece that is not right.</summary>
    public static async Task LeecherCrashesAndResumes(Universe universe)
    {
        var (village, torrent) = await PlantAndSeedAsync(universe);
        var leechers = await StartLeechersAsync(village, torrent);
        var unlucky = leechers[0];
        for (var crash = 0; crash < 2 && !unlucky.IsComplete; crash++)
        {
            await HalfwayAsync(universe, torrent, unlucky);
            unlucky.Crash();
            await universe.WaitAsync(TimeSpan.FromSeconds(universe.Entropy.Next(20)));
            await unlucky.RestartAsync(torrent.Metainfo);
        }
        await village.FinishAsync(torrent, leechers, Patience);
    }

    /// <summary>A leecher's disk is full: it says so, and the others go on.</summary>
    public static async Task FullDiskStopsOneOnly(Universe universe)
    {
        var (village, torrent) = await PlantAndSeedAsync(universe);
        var cramped = village.AddClient("cramped");
        cramped.Host.Disk.CapacityBytes = ContentBytes / 2;
        await cramped.StartAsync(torrent.Metainfo, torrent.Content);
        var leechers = await StartLeechersAsync(village, torrent);
        await village.FinishAsync(torrent, leechers, Patience);
        await universe.WaitUntilAsync(
            "the full disk is noticed",
            () => cramped.Torrent!.Status.State == TorrentState.Faulted,
            Patience
        );
        var fault = cramped.Torrent!.Status.Fault ?? "";
        Village.Require(
            fault.Contains("full", StringComparison.OrdinalIgnoreCase),
            $"the fault of a full disk says '{fault}'"
        );
    }

    private static async Task<(Village Village, PlantedTorrent Torrent)> PlantAndSeedAsync(Universe universe)
    {
        var village = await Village.BuildAsync(universe, supernodes: 1, nodes: 3);
        var torrent = await village.PlantAsync(universe.Entropy.Bytes(ContentBytes));
        await village.AddSeeder().StartAsync(torrent.Metainfo, torrent.Content);
        return (village, torrent);
    }

    private static async Task<List<ClientPlace>> StartLeechersAsync(Village village, PlantedTorrent torrent)
    {
        var started = new List<ClientPlace>();
        for (var i = 0; i < Leechers; i++)
        {
            var client = village.AddClient($"leecher-{village.Clients.Count}");
            await client.StartAsync(torrent.Metainfo, torrent.Content);
            started.Add(client);
        }
        return started;
    }

    private static Task HalfwayAsync(Universe universe, PlantedTorrent torrent, ClientPlace client) =>
        universe.WaitUntilAsync(
            $"{client.Host.Name} has some",
            () => client.Torrent!.Status.Done >= torrent.Content.Length / 4,
            Patience
        );
}
