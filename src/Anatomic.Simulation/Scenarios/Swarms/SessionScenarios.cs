using Anatomic.Engine.Settings;
using Anatomic.Engine.Torrents;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>What a session does with its torrents: keeping, stopping, queueing, selecting, and recovering.</summary>
public static class SessionScenarios
{
    private const long SlowRate = 200_000;

    /// <summary>A kept torrent continues after a crash without being added again, and fetches little twice.</summary>
    public static async Task KeptTorrentSurvivesACrash(Simulator simulator)
    {
        var (testSwarm, leecher) = await StartSlowAsync(simulator);
        await WaitForShareAsync(testSwarm, leecher, 0.5);
        leecher.Crash();
        leecher.Host.Restart();
        await leecher.RestoreAsync();
        await testSwarm.FinishAsync(leecher);
        var totals = await leecher.Host.RunAsync(_ => leecher.Torrent!.GetTotalsAsync());
        ScenarioAssert.That(totals.DownloadedBytes > 0, "the totals of the torrent are lost");
        await simulator.WaitUntilAsync(
            "the completion has a time",
            () => leecher.Status.CompletedAt is not null,
            TimeSpan.FromSeconds(5)
        );
    }

    /// <summary>A stopped torrent stays stopped over a restart, and starts again when the user says so.</summary>
    public static async Task StoppedTorrentStaysStopped(Simulator simulator)
    {
        var (testSwarm, leecher) = await StartSlowAsync(simulator);
        await WaitForShareAsync(testSwarm, leecher, 0.3);
        await leecher.Host.RunAsync(_ => leecher.Torrent!.StopAsync());
        ScenarioAssert.That(leecher.Status.State == TorrentState.Stopped, $"it is {leecher.Status.State}");
        await leecher.StopAsync();
        await leecher.RestoreAsync();
        await simulator.WaitAsync(TimeSpan.FromMinutes(2));
        ScenarioAssert.That(leecher.Status.State == TorrentState.Stopped, $"it became {leecher.Status.State}");
        await leecher.Host.RunAsync(_ => leecher.Torrent!.StartAsync());
        await testSwarm.FinishAsync(leecher);
    }

    /// <summary>A download of one file goes on with all files once the user selects them.</summary>
    public static async Task SelectionGrows(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.ManyFiles(simulator.Entropy));
        await testSwarm.SeedAsync();
        var leecher = testSwarm.AddClient("leecher");
        await leecher.StartAsync(testSwarm.Download with { Files = [2] });
        await simulator.WaitUntilAsync(testSwarm.Describe, () => leecher.IsComplete, TestSwarm.Timeout);
        var all = Enumerable.Repeat(TorrentSettings.NormalPriority, testSwarm.Metainfo.Info.ContentFiles.Count);
        await leecher.Host.RunAsync(_ => leecher.Torrent!.SelectAsync([.. all]));
        await testSwarm.FinishAsync(leecher);
    }

    /// <summary>A download that filled the disk says so, and goes on by itself when there is space again.</summary>
    public static async Task FullDiskRecovers(Simulator simulator)
    {
        var (testSwarm, leecher) = await StartSlowAsync(simulator);
        await WaitForShareAsync(testSwarm, leecher, 0.2);
        leecher.Host.Disk.CapacityBytes = leecher.Host.Disk.UsedBytes;
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => leecher.Status is { State: TorrentState.Faulted, Fault: { } fault } && fault.Contains("full"),
            TestSwarm.Timeout
        );
        leecher.Host.Disk.CapacityBytes = long.MaxValue;
        await testSwarm.FinishAsync(leecher);
    }

    /// <summary>
    /// A kept seed whose file was taken away says which one, and does not download it again. It seeds again once the
    /// file is back.
    /// </summary>
    public static async Task MissingFileIsAFault(Simulator simulator)
    {
        var (testSwarm, leecher) = await StartSlowAsync(simulator);
        await testSwarm.FinishAsync(leecher);
        await leecher.StopAsync();
        var path = leecher.Host.Disk.Files.First(file => file.EndsWith("/c/large", StringComparison.Ordinal));
        var bytes = leecher.Host.Disk.Peek(path)!;
        leecher.Host.Disk.Remove(path);
        leecher.IsDamaged = true;
        await leecher.RestoreAsync();
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => leecher.Status is { State: TorrentState.Faulted, Fault: { } fault } && fault.Contains("c/large"),
            TestSwarm.Timeout
        );
        await simulator.WaitAsync(TimeSpan.FromMinutes(3));
        ScenarioAssert.That(leecher.Host.Disk.Peek(path) is null, "the file was downloaded again");
        leecher.Host.Disk.Place(path, bytes);
        leecher.IsDamaged = false;
        await testSwarm.FinishAsync(leecher);
    }

    /// <summary>A torrent stops when it has uploaded what its ratio asks.</summary>
    public static async Task RatioGoalStops(Simulator simulator)
    {
        var content = SwarmContent.OneFile(simulator.Entropy);
        var testSwarm = await TestSwarm.BuildAsync(simulator, content);
        await testSwarm.Seeder.StartAsync(
            testSwarm.Download with
            {
                SeedOnly = true,
                Goals = new SeedGoals { Ratio = 1 },
            }
        );
        var leecher = await testSwarm.AddLeecherAsync("leecher");
        await testSwarm.FinishAsync(leecher);
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => testSwarm.Seeder.Status.State == TorrentState.Stopped,
            TestSwarm.Timeout
        );
        ScenarioAssert.That(testSwarm.Seeder.Status.Uploaded >= content.Size, "the ratio is not reached");
    }

    /// <summary>A kept seed without peers goes idle, and serves a leecher that comes later.</summary>
    public static async Task IdleSeedWakes(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.ManyFiles(simulator.Entropy));
        await testSwarm.SeedAsync(options => options with { KeepTorrents = true });
        await simulator.WaitUntilAsync(
            "the seeder unloads its metainfo",
            () => testSwarm.Seeder.Torrent!.Metainfo is null,
            TestSwarm.Timeout
        );
        var leecher = await testSwarm.AddLeecherAsync("leecher");
        await testSwarm.FinishAsync(leecher);
    }

    /// <summary>A range in the middle of a file is read long before the download completes.</summary>
    public static async Task StreamReadsAhead(Simulator simulator)
    {
        var (testSwarm, leecher) = await StartSlowAsync(simulator);
        await WaitForShareAsync(testSwarm, leecher, 0.05);
        var expected = testSwarm.Content.Files["/c/large"];
        var from = expected.Length - 300_000;
        var read = await leecher.Host.RunAsync(async _ =>
        {
            var files = testSwarm.Metainfo.Info.ContentFiles;
            var large = Enumerable.Range(0, files.Count).First(i => files[i].Length == expected.Length);
            await using var stream = await leecher.Torrent!.OpenReadAsync(large);
            stream.Position = from;
            var bytes = new byte[200_000];
            for (var filled = 0; filled < bytes.Length; )
            {
                filled += await stream.ReadAsync(bytes.AsMemory(filled), CancellationToken.None);
            }
            return bytes;
        });
        ScenarioAssert.That(read.AsSpan().SequenceEqual(expected.AsSpan(from, read.Length)), "the stream is wrong");
        ScenarioAssert.That(!leecher.IsComplete, "the read waited for the whole download");
        await testSwarm.FinishAsync(leecher);
    }

    /// <summary>A download moves to another folder, goes on there, and is found there after a restart.</summary>
    public static async Task MoveDuringADownload(Simulator simulator)
    {
        const string Other = "/other";
        var (testSwarm, leecher) = await StartSlowAsync(simulator);
        await WaitForShareAsync(testSwarm, leecher, 0.3);
        // The folder of the swarm is not looked at any more.
        leecher.IsDamaged = true;
        await leecher.Host.RunAsync(_ => leecher.Torrent!.MoveAsync(Other));
        await simulator.WaitUntilAsync(testSwarm.Describe, () => leecher.IsComplete, TestSwarm.Timeout);
        await leecher.StopAsync();
        foreach (var (path, bytes) in testSwarm.Content.Files)
        {
            var moved = leecher.Host.Disk.Peek($"{Other}/{testSwarm.Content.Name}{path}");
            ScenarioAssert.That(moved?.AsSpan().SequenceEqual(bytes) == true, $"{path} is not at the new place");
        }
        var left = leecher.Host.Disk.Files.FirstOrDefault(file =>
            file.StartsWith(SwarmClient.Folder, StringComparison.Ordinal)
        );
        ScenarioAssert.That(left is null, $"{left} was left behind");
        await leecher.RestoreAsync();
        await simulator.WaitUntilAsync(testSwarm.Describe, () => leecher.IsComplete, TestSwarm.Timeout);
        ScenarioAssert.That(leecher.Status.Downloaded <= 2 * testSwarm.Content.Size, "it was downloaded again");
    }

    /// <summary>Existing data is trusted when the user says so, and downloaded again after a check.</summary>
    public static async Task SkippedCheck(Simulator simulator)
    {
        var testSwarm = await TestSwarm.BuildAsync(simulator, SwarmContent.ManyFiles(simulator.Entropy));
        await testSwarm.SeedAsync();
        var leecher = testSwarm.AddClient("leecher");
        testSwarm.Content.PlaceOn(leecher.Host);
        var path = leecher.Host.Disk.Files.First(file => file.EndsWith("/c/large", StringComparison.Ordinal));
        leecher.Host.Disk.FlipBit(path, 100);
        leecher.IsDamaged = true;
        await leecher.StartAsync(testSwarm.Download with { SkipCheck = true });
        await simulator.WaitUntilAsync(testSwarm.Describe, () => leecher.IsComplete, TestSwarm.Timeout);
        ScenarioAssert.That(leecher.Status.Downloaded == 0, "the data was not trusted");
        await leecher.Host.RunAsync(_ => leecher.Torrent!.RecheckAsync());
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => leecher.IsComplete && leecher.FindWrongFile() is null,
            TestSwarm.Timeout
        );
    }

    /// <summary>A torrent that is removed with its data leaves nothing behind but the files of others.</summary>
    public static async Task RemoveWithData(Simulator simulator)
    {
        var (testSwarm, leecher) = await StartSlowAsync(simulator);
        await WaitForShareAsync(testSwarm, leecher, 0.3);
        var foreign = $"{SwarmClient.Folder}/{testSwarm.Content.Name}/c/notes.txt";
        leecher.Host.Disk.Place(foreign, [1, 2, 3]);
        leecher.IsDamaged = true;
        await leecher.Host.RunAsync(_ => leecher.Session.RemoveAsync(leecher.Torrent!, deleteData: true));
        ScenarioAssert.That(leecher.Session.Torrents.Count == 0, "the torrent is still there");
        var left = leecher.Host.Disk.Files.Where(file => file.StartsWith(SwarmClient.Folder, StringComparison.Ordinal));
        ScenarioAssert.That(left.SequenceEqual([foreign]), $"left behind: {string.Join(", ", left)}");
    }

    private static async Task<(TestSwarm Swarm, SwarmClient Leecher)> StartSlowAsync(Simulator simulator)
    {
        var content = SwarmContent.ManyFiles(simulator.Entropy);
        content.Files["/c/large"] = simulator.Entropy.Bytes(4_000_001);
        var testSwarm = await TestSwarm.BuildAsync(simulator, content);
        await testSwarm.SeedAsync();
        var leecher = testSwarm.AddClient("leecher");
        await leecher.StartAsync(
            testSwarm.Download,
            options => options with { MaxDownloadBytesPerSecond = SlowRate, KeepTorrents = true }
        );
        return (testSwarm, leecher);
    }

    private static Task WaitForShareAsync(TestSwarm testSwarm, SwarmClient client, double share) =>
        testSwarm.Simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => client.Status.Done >= testSwarm.Content.Size * share,
            TestSwarm.Timeout
        );
}
