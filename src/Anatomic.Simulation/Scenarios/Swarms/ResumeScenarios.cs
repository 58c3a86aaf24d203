using Anatomic.Wire.Metainfo;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>Downloads that are interrupted and resumed.</summary>
public static class ResumeScenarios
{
    private const long Rate = 50_000; // bytes per second; slow enough that a flush happens during the download
    private static readonly TimeSpan FlushWait = TimeSpan.FromSeconds(20); // longer than the engine's flush interval

    /// <summary>Data flushed before a crash is not fetched again, and no wrong data counts as done.</summary>
    public static async Task CrashLosesOnlyUnflushedData(Simulator simulator)
    {
        var (testSwarm, leecher) = await StartSlowAsync(simulator, TorrentFormat.V1);
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => leecher.Status.Done >= testSwarm.Content.Size / 4,
            TestSwarm.Timeout
        );
        var durable = leecher.Status.Done;
        await simulator.WaitAsync(FlushWait + TimeSpan.FromMilliseconds(simulator.Entropy.Next(2000)));
        leecher.Crash();
        await simulator.WaitAsync(TimeSpan.FromSeconds(1 + simulator.Entropy.Next(20)));
        leecher.Host.Restart();
        await leecher.StartAsync(testSwarm.Download);
        await testSwarm.FinishAsync(leecher);
        ScenarioAssert.That(
            leecher.Status.Downloaded <= testSwarm.Content.Size - durable,
            $"{leecher.Status.Downloaded:N0} bytes were fetched although {durable:N0} of "
                + $"{testSwarm.Content.Size:N0} were flushed"
        );
    }

    /// <summary>A file changes while the client is stopped. Only its wrong pieces are fetched again.</summary>
    public static async Task ChangedFileIsCheckedAgain(Simulator simulator)
    {
        var (testSwarm, leecher) = await StartSlowAsync(simulator, TorrentFormat.Hybrid);
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => leecher.Status.Done >= testSwarm.Content.Size / 2,
            TestSwarm.Timeout
        );
        await leecher.StopAsync();
        var correct = leecher.CorrectBytes(testSwarm.Metainfo.Info);
        var path = leecher
            .Host.Disk.Files.Where(file => file.StartsWith(SwarmClient.Folder, StringComparison.Ordinal))
            .MaxBy(file => leecher.Host.Disk.Peek(file)!.Length)!;
        var bytes = leecher.Host.Disk.Peek(path)!;
        bytes[simulator.Entropy.Next(bytes.Length)] ^= 1;
        leecher.Host.Disk.Place(path, bytes);
        await leecher.StartAsync(testSwarm.Download);
        await testSwarm.FinishAsync(leecher);
        ScenarioAssert.That(
            leecher.Status.Downloaded <= testSwarm.Content.Size - correct + SwarmContent.PieceLength,
            $"{leecher.Status.Downloaded:N0} bytes were fetched although {correct:N0} of "
                + $"{testSwarm.Content.Size:N0} were correct"
        );
    }

    /// <summary>A client that is stopped and started again fetches nothing twice.</summary>
    public static async Task StopAndResume(Simulator simulator)
    {
        var (testSwarm, leecher) = await StartSlowAsync(simulator, TorrentFormat.V2);
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => leecher.Status.Done >= testSwarm.Content.Size / 3,
            TestSwarm.Timeout
        );
        await leecher.StopAsync();
        var correct = leecher.CorrectBytes(testSwarm.Metainfo.Info);
        await leecher.StartAsync(testSwarm.Download);
        await testSwarm.FinishAsync(leecher);
        ScenarioAssert.That(
            leecher.Status.Downloaded <= testSwarm.Content.Size - correct,
            $"{leecher.Status.Downloaded:N0} bytes were fetched although {correct:N0} of "
                + $"{testSwarm.Content.Size:N0} were present"
        );
    }

    private static async Task<(TestSwarm Swarm, SwarmClient Leecher)> StartSlowAsync(
        Simulator simulator,
        TorrentFormat format
    )
    {
        var content = SwarmContent.ManyFiles(simulator.Entropy);
        content.Files["/c/large"] = simulator.Entropy.Bytes(4_000_001);
        var testSwarm = await TestSwarm.BuildAsync(simulator, content, format);
        await testSwarm.SeedAsync();
        var leecher = testSwarm.AddClient("leecher");
        await leecher.StartAsync(testSwarm.Download, options => options with { MaxDownloadBytesPerSecond = Rate });
        return (testSwarm, leecher);
    }
}
