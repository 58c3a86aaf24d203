using Anatomic.Engine.Torrents;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>Files on disk that are missing, wrong, or not where a download expects them.</summary>
public static class StorageScenarios
{
    /// <summary>
    /// Two leechers exchange 100 files that are each smaller than what an upload reads at once, so that both read
    /// across files that they do not have yet.
    /// </summary>
    public static Func<Simulator, Task> LeechersOfManyFiles(TorrentFormat format) =>
        async simulator =>
        {
            var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
            for (var i = 0; i < 100; i++)
            {
                files[$"/{i:D3}"] = simulator.Entropy.Bytes(60_000);
            }
            var testSwarm = await TestSwarm.BuildAsync(simulator, new SwarmContent("many", files), format);
            await testSwarm.SeedAsync(options => options with { MaxUploadBytesPerSecond = 1_000_000 });
            var first = await testSwarm.AddLeecherAsync("first");
            var second = await testSwarm.AddLeecherAsync("second");
            await testSwarm.FinishAsync(first, second);
            ScenarioAssert.That(
                first.Status.Uploaded + second.Status.Uploaded > 0,
                "the leechers uploaded nothing to each other"
            );
        };

    /// <summary>A client that selected one file seeds it, and nothing of the others appears on its disk.</summary>
    public static Func<Simulator, Task> SelectThenSeed(TorrentFormat format) =>
        async simulator =>
        {
            var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.ManyFiles(simulator.Entropy), format);
            await testSwarm.SeedAsync();
            var files = testSwarm.Metainfo.Info.ContentFiles.Select(file => file.Display).ToList();
            var add = testSwarm.Download with { Files = [files.IndexOf("folder/c/large")] };
            var selective = testSwarm.AddClient("selective");
            await selective.StartAsync(add);
            await simulator.WaitUntilAsync(testSwarm.Describe, () => selective.IsComplete, TestSwarm.Timeout);
            ScenarioAssert.That(
                selective
                    .Host.Disk.Files.Where(path => path.StartsWith(SwarmClient.Folder, StringComparison.Ordinal))
                    .All(path =>
                        path.EndsWith("/large", StringComparison.Ordinal)
                        || path.EndsWith(".parts", StringComparison.Ordinal)
                    ),
                "a file appeared that nobody selected"
            );
            await testSwarm.Seeder.StopAsync();
            var late = testSwarm.AddClient("late");
            await late.StartAsync(add);
            await simulator.WaitUntilAsync(testSwarm.Describe, () => late.IsComplete, TestSwarm.Timeout);
            ScenarioAssert.That(selective.IsComplete, $"seeding the selection ended: {selective.Status.Fault}");
            // The boundary pieces are kept when the other files become wanted.
            await late.StopAsync();
            await selective.StopAsync();
            await testSwarm.SeedAsync();
            await selective.StartAsync(testSwarm.Download);
            await testSwarm.FinishAsync(selective);
            ScenarioAssert.That(
                selective.Host.Disk.Files.All(path => !path.EndsWith(".parts", StringComparison.Ordinal)),
                "the part file was not deleted"
            );
            var all = testSwarm.Metainfo.Info.Size;
            var before = late.Host.Disk.Peek($"{SwarmClient.Folder}/folder/c/large")!.Length;
            ScenarioAssert.That(
                selective.Status.Downloaded <= all - before,
                $"{selective.Status.Downloaded:N0} bytes were fetched again, of {all:N0}"
            );
        };

    /// <summary>A file of the torrent's name with other data is kept, unless overwriting is allowed.</summary>
    public static async Task ForeignFileIsKept(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.OneFile(simulator.Entropy));
        await testSwarm.SeedAsync();
        var path = $"{SwarmClient.Folder}/film.bin";
        var shorter = simulator.Entropy.Bytes(200_000);
        var longer = testSwarm.Content.Files[""].Concat(new byte[] { 1, 2, 3 }).ToArray();
        var client = testSwarm.AddClient("client");
        foreach (var mine in (byte[][])[shorter, longer])
        {
            client.Host.Disk.Place(path, mine);
            await client.StartAsync(testSwarm.Download);
            await simulator.WaitUntilAsync(
                testSwarm.Describe,
                () => client.Status.State == TorrentState.Faulted,
                TestSwarm.Timeout
            );
            ScenarioAssert.That(
                client.Status.Fault!.Contains(path, StringComparison.Ordinal),
                $"the fault does not name the file: {client.Status.Fault}"
            );
            await client.StopAsync();
            ScenarioAssert.That(client.Host.Disk.Peek(path)!.AsSpan().SequenceEqual(mine), "the user's file changed");
        }
        await client.StartAsync(testSwarm.Download with { Overwrite = true });
        await testSwarm.FinishAsync(client);
    }

    /// <summary>A file that is removed during a download is named in the fault, then counts as missing.</summary>
    public static async Task FileTakenAway(Simulator simulator)
    {
        var content = SwarmContent.ManyFiles(simulator.Entropy);
        content.Files["/c/large"] = simulator.Entropy.Bytes(2_000_000);
        var testSwarm = await TestSwarm.BuildAsync(simulator, content);
        await testSwarm.SeedAsync();
        var client = testSwarm.AddClient("client");
        await client.StartAsync(
            testSwarm.Download,
            options => options with { MaxDownloadBytesPerSecond = 50_000, MaxOpenFiles = 2 }
        );
        await simulator.WaitUntilAsync(testSwarm.Describe, () => client.Status.Done > 500_000, TestSwarm.Timeout);
        client.IsDamaged = true;
        client.Host.Disk.TakeAway($"{SwarmClient.Folder}/folder/c/large");
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => client.Status.State == TorrentState.Faulted,
            TestSwarm.Timeout
        );
        ScenarioAssert.That(
            client.Status.Fault!.Contains("c/large was removed", StringComparison.Ordinal),
            $"the fault does not name the file: {client.Status.Fault}"
        );
        await client.StopAsync();
        await client.StartAsync(testSwarm.Download);
        await testSwarm.FinishAsync(client);
    }

    /// <summary>Two files of one path, and names that only some disks allow, each get a file of their own.</summary>
    public static async Task ClashingNames(Simulator simulator)
    {
        var content = SwarmContent.ManyFiles(simulator.Entropy);
        content.Files["/What?/a:b"] = simulator.Entropy.Bytes(50_000);
        content.Files["/What?/a_b"] = simulator.Entropy.Bytes(60_000);
        content.Files["/readme"] = simulator.Entropy.Bytes(1_000);
        content.Files["/README"] = simulator.Entropy.Bytes(2_000);
        content.Files["/e\u0301"] = simulator.Entropy.Bytes(3_000);
        content.Files["/\u00e9"] = simulator.Entropy.Bytes(4_000);
        var testSwarm = await TestSwarm.BuildAsync(simulator, content);
        // The creator's own names are found by a check.
        await testSwarm.SeedAsync();
        ScenarioAssert.That(
            testSwarm.Seeder.Status.Done == testSwarm.Seeder.Status.Total,
            "the creator's data is not found"
        );
        var client = await testSwarm.AddLeecherAsync("client");
        await simulator.WaitUntilAsync(testSwarm.Describe, () => client.IsComplete, TestSwarm.Timeout);
        foreach (var file in testSwarm.Metainfo.Info.ContentFiles)
        {
            var written = "/" + string.Join('/', (file.OriginalPath ?? file.Path).Skip(1));
            var bytes = client.Host.Disk.Peek($"{SwarmClient.Folder}/{file.Display}") ?? [];
            ScenarioAssert.That(
                bytes.AsSpan().SequenceEqual(content.Files[written]),
                $"the file {file.Display} has wrong content"
            );
        }
    }
}
