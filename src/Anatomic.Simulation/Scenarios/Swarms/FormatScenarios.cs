using Anatomic.Simulation.Scenarios.EndToEnd;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>Every format of torrent, one file and many, by file and by magnet link.</summary>
public static class FormatScenarios
{
    /// <summary>A leecher with the .torrent and one with the magnet link finish with equal files.</summary>
    public static Func<Simulator, Task> Finish(TorrentFormat format, bool manyFiles) =>
        async simulator =>
        {
            var content = manyFiles
                ? SwarmContent.ManyFiles(simulator.Entropy)
                : SwarmContent.OneFile(simulator.Entropy);
            var testSwarm = await TestSwarm.BuildAsync(simulator, content, format);
            await testSwarm.SeedAsync();
            var byFile = await testSwarm.AddLeecherAsync("by-file");
            var byMagnet = testSwarm.AddClient("by-magnet");
            await byMagnet.StartAsync(testSwarm.ByMagnet());
            await testSwarm.FinishAsync(byFile, byMagnet);
            TestNetwork.Require(
                byMagnet.Torrent!.Metainfo!.HasAllPieceLayers,
                "a magnet's download is complete without its piece layers"
            );
        };

    /// <summary>Two files of six: they are right, and the others are not fetched beyond the pieces at the borders.</summary>
    public static Func<Simulator, Task> Selected(TorrentFormat format) =>
        async simulator =>
        {
            var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.ManyFiles(simulator.Entropy), format);
            await testSwarm.SeedAsync();
            var choosy = testSwarm.AddClient("choosy");
            var files = testSwarm.Metainfo.Info.ContentFiles.Select(file => file.Display).ToList();
            int[] chosen = [files.IndexOf("folder/b/small"), files.IndexOf("folder/d/other")];
            await choosy.StartAsync(testSwarm.Download with { Files = chosen });
            await simulator.WaitUntilAsync(testSwarm.Describe, () => choosy.IsComplete, TestSwarm.Patience);
            foreach (var path in chosen.Select(index => files[index]))
            {
                var bytes = choosy.Host.Disk.Peek($"{SwarmClient.Folder}/{path}") ?? [];
                TestNetwork.Require(
                    bytes.AsSpan().SequenceEqual(testSwarm.Content.Files[path["folder".Length..]]),
                    $"{path} was chosen and is wrong"
                );
            }
            TestNetwork.Require(
                choosy.Status.Done == choosy.Status.Total && choosy.Status.Downloaded <= choosy.Status.Total,
                $"{choosy.Status.Downloaded:N0} bytes were fetched for {choosy.Status.Total:N0}"
            );
            TestNetwork.Require(choosy.Status.Total < testSwarm.Content.Size, "everything counts as chosen");
        };

    /// <summary>One hybrid torrent, known to one client only by its v1 and to another only by its v2 id.</summary>
    public static async Task TwoViewsOfOneHybrid(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(
            simulator,
            SwarmContent.OneFile(simulator.Entropy),
            TorrentFormat.Hybrid
        );
        await testSwarm.SeedAsync();
        var one = testSwarm.AddClient("v1-view");
        var two = testSwarm.AddClient("v2-view");
        await one.StartAsync(testSwarm.ByMagnet(link => link with { HashV2 = null }));
        await two.StartAsync(testSwarm.ByMagnet(link => link with { HashV1 = null }));
        await testSwarm.FinishAsync(one, two);
    }

    /// <summary>The seeder leaves once one leecher has everything: the other one gets it from there, whatever id each came by.</summary>
    public static async Task ViewsMeetWithoutTheSeeder(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(
            simulator,
            SwarmContent.OneFile(simulator.Entropy),
            TorrentFormat.Hybrid
        );
        await testSwarm.SeedAsync();
        var one = testSwarm.AddClient("v1-view");
        await one.StartAsync(testSwarm.ByMagnet(link => link with { HashV2 = null }));
        await testSwarm.FinishAsync(one);
        await testSwarm.Seeder.StopAsync();
        var two = testSwarm.AddClient("v2-view");
        await two.StartAsync(testSwarm.ByMagnet(link => link with { HashV1 = null }));
        await testSwarm.FinishAsync(two);
    }

    /// <summary>Pieces come in their order.</summary>
    public static async Task Sequential(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(
            simulator,
            SwarmContent.OneFile(simulator.Entropy, bytes: 2_000_000)
        );
        await testSwarm.SeedAsync();
        var watcher = testSwarm.AddClient("watcher");
        await watcher.StartAsync(
            testSwarm.Download with
            {
                Sequential = true,
            },
            options => options with { MaxDownloadBytesPerSecond = 200_000 }
        );
        await simulator.WaitUntilAsync(testSwarm.Describe, () => watcher.Status.Done > 600_000, TestSwarm.Patience);
        var expected = testSwarm.Content.Files[""];
        var front = watcher.Host.Disk.Peek($"{SwarmClient.Folder}/film.bin")!;
        var right = 0;
        while (right < front.Length && front[right] == expected[right])
        {
            right++;
        }
        // Pieces are hashed side by side: some of those at the front are written after their successors.
        TestNetwork.Require(
            right >= watcher.Status.Done - (8 * SwarmContent.PieceLength),
            $"only {right:N0} bytes at the front of {watcher.Status.Done:N0} that are there"
        );
        await testSwarm.FinishAsync(watcher);
    }
}
