using Anatomic.Wire.Metainfo;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>Every torrent format, with one file and many, by .torrent file and by magnet link.</summary>
public static class FormatScenarios
{
    /// <summary>A leecher with the .torrent file and one with the magnet link get equal files.</summary>
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
            // A hybrid torrent completes with its v1 hashes, and may get its piece layers later.
            await simulator.WaitUntilAsync(
                testSwarm.Describe,
                () => byMagnet.Torrent!.Metainfo!.HasAllPieceLayers,
                TestSwarm.Timeout
            );
        };

    /// <summary>
    /// A client selects two files of six. They are correct, and of the others only shared boundary pieces are fetched.
    /// </summary>
    public static Func<Simulator, Task> Selected(TorrentFormat format) =>
        async simulator =>
        {
            var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.ManyFiles(simulator.Entropy), format);
            await testSwarm.SeedAsync();
            var selective = testSwarm.AddClient("selective");
            var files = testSwarm.Metainfo.Info.ContentFiles.Select(file => file.Display).ToList();
            int[] selected = [files.IndexOf("folder/b/small"), files.IndexOf("folder/d/other")];
            await selective.StartAsync(testSwarm.Download with { Files = selected });
            await simulator.WaitUntilAsync(testSwarm.Describe, () => selective.IsComplete, TestSwarm.Timeout);
            foreach (var path in selected.Select(index => files[index]))
            {
                var bytes = selective.Host.Disk.Peek($"{SwarmClient.Folder}/{path}") ?? [];
                ScenarioAssert.That(
                    bytes.AsSpan().SequenceEqual(testSwarm.Content.Files[path["folder".Length..]]),
                    $"the selected file {path} has wrong content"
                );
            }
            ScenarioAssert.That(
                selective.Status.Done == selective.Status.Total
                    && selective.Status.Downloaded <= selective.Status.Total,
                $"{selective.Status.Downloaded:N0} bytes were fetched for {selective.Status.Total:N0}"
            );
            ScenarioAssert.That(selective.Status.Total < testSwarm.Content.Size, "all files count as selected");
        };

    /// <summary>One client knows a hybrid torrent only by its v1 info-hash, another only by its v2 info-hash.</summary>
    public static async Task HybridByEitherHash(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(
            simulator,
            SwarmContent.OneFile(simulator.Entropy),
            TorrentFormat.Hybrid
        );
        await testSwarm.SeedAsync();
        var byV1 = testSwarm.AddClient("by-v1");
        var byV2 = testSwarm.AddClient("by-v2");
        await byV1.StartAsync(testSwarm.ByMagnet(link => link with { HashV2 = null }));
        await byV2.StartAsync(testSwarm.ByMagnet(link => link with { HashV1 = null }));
        await testSwarm.FinishAsync(byV1, byV2);
    }

    /// <summary>
    /// The seeder leaves once one leecher is complete. Another, which knows only the other info-hash, downloads from
    /// that one.
    /// </summary>
    public static async Task HybridPeersMeetWithoutTheSeeder(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(
            simulator,
            SwarmContent.OneFile(simulator.Entropy),
            TorrentFormat.Hybrid
        );
        await testSwarm.SeedAsync();
        var byV1 = testSwarm.AddClient("by-v1");
        await byV1.StartAsync(testSwarm.ByMagnet(link => link with { HashV2 = null }));
        await testSwarm.FinishAsync(byV1);
        await testSwarm.Seeder.StopAsync();
        var byV2 = testSwarm.AddClient("by-v2");
        await byV2.StartAsync(testSwarm.ByMagnet(link => link with { HashV1 = null }));
        await testSwarm.FinishAsync(byV2);
    }

    /// <summary>A sequential download gets its pieces in order.</summary>
    public static async Task Sequential(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(
            simulator,
            SwarmContent.OneFile(simulator.Entropy, bytes: 2_000_000)
        );
        await testSwarm.SeedAsync();
        var client = testSwarm.AddClient("client");
        await client.StartAsync(
            testSwarm.Download with
            {
                Sequential = true,
            },
            options => options with { MaxDownloadBytesPerSecond = 200_000 }
        );
        await simulator.WaitUntilAsync(testSwarm.Describe, () => client.Status.Done > 600_000, TestSwarm.Timeout);
        var expected = testSwarm.Content.Files[""];
        var written = client.Host.Disk.Peek($"{SwarmClient.Folder}/film.bin")!;
        var correct = 0;
        while (correct < written.Length && written[correct] == expected[correct])
        {
            correct++;
        }
        // Pieces are hashed in parallel, so some are written after their successors.
        ScenarioAssert.That(
            correct >= client.Status.Done - (8 * SwarmContent.PieceLength),
            $"only the first {correct:N0} bytes are correct, of {client.Status.Done:N0} done"
        );
        await testSwarm.FinishAsync(client);
    }

    /// <summary>
    /// A superseeding client gives each piece to one of four leechers, and they give it to the others.
    /// </summary>
    public static async Task SuperSeed(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(
            simulator,
            SwarmContent.OneFile(simulator.Entropy, bytes: 4_000_000)
        );
        await testSwarm.Seeder.StartAsync(testSwarm.Download with { SeedOnly = true, SuperSeed = true });
        var leechers = new List<SwarmClient>();
        for (var i = 1; i <= 4; i++)
        {
            leechers.Add(await testSwarm.AddLeecherAsync($"leecher-{i}"));
        }
        await testSwarm.FinishAsync(leechers);
        ScenarioAssert.That(
            testSwarm.Seeder.Status.Uploaded < 1.5 * testSwarm.Content.Size,
            $"the seed uploaded {testSwarm.Seeder.Status.Uploaded:N0} of {testSwarm.Content.Size:N0} bytes"
        );
    }

    /// <summary>In a swarm of six clients, less than 2 % of the data comes twice, the endgames included.</summary>
    public static async Task LittleDuplicateData(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(
            simulator,
            SwarmContent.OneFile(simulator.Entropy, bytes: 6_000_000)
        );
        await testSwarm.SeedAsync();
        var leechers = new List<SwarmClient>();
        for (var i = 1; i <= 5; i++)
        {
            leechers.Add(await testSwarm.AddLeecherAsync($"leecher-{i}"));
        }
        await testSwarm.FinishAsync(leechers);
        var redundant = leechers.Sum(leecher => leecher.Status.Redundant);
        var downloaded = leechers.Sum(leecher => leecher.Status.Downloaded);
        ScenarioAssert.That(redundant * 50 < downloaded, $"{redundant:N0} of {downloaded:N0} bytes came twice");
    }
}
