using Anatomic.Simulation.Scenarios.EndToEnd;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>Downloads that are interrupted and go on.</summary>
public static class ResumeScenarios
{
    private const long Rate = 50_000; // slow enough that a flush comes in the middle
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(20); // longer than the engine's own pause

    /// <summary>What was flushed before a crash is not fetched again, and nothing wrong is claimed.</summary>
    public static async Task CrashLosesOnlyWhatWasNotFlushed(Simulator simulator)
    {
        var (testSwarm, leecher) = await StartSlowAsync(simulator, TorrentFormat.V1);
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => leecher.Status.Done >= testSwarm.Content.Size / 4,
            TestSwarm.Patience
        );
        var durable = leecher.Status.Done;
        await simulator.WaitAsync(FlushTime + TimeSpan.FromMilliseconds(simulator.Entropy.Next(2000)));
        leecher.Crash();
        await simulator.WaitAsync(TimeSpan.FromSeconds(1 + simulator.Entropy.Next(20)));
        leecher.Host.Restart();
        await leecher.StartAsync(testSwarm.Download);
        await testSwarm.FinishAsync(leecher);
        TestNetwork.Require(
            leecher.Status.Downloaded <= testSwarm.Content.Size - durable,
            $"{leecher.Status.Downloaded:N0} bytes were fetched though {durable:N0} of {testSwarm.Content.Size:N0} were flushed"
        );
    }

    /// <summary>A file changes while the client is away: what is wrong in it is fetched again, the rest is kept.</summary>
    public static async Task ChangedFileIsCheckedAgain(Simulator simulator)
    {
        var (testSwarm, leecher) = await StartSlowAsync(simulator, TorrentFormat.Hybrid);
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => leecher.Status.Done >= testSwarm.Content.Size / 2,
            TestSwarm.Patience
        );
        await leecher.StopAsync();
        var right = leecher.RightBytes(testSwarm.Metainfo.Info);
        var path = leecher
            .Host.Disk.Files.Where(file => file.StartsWith(SwarmClient.Folder, StringComparison.Ordinal))
            .MaxBy(file => leecher.Host.Disk.Peek(file)!.Length)!;
        var bytes = leecher.Host.Disk.Peek(path)!;
        bytes[simulator.Entropy.Next(bytes.Length)] ^= 1;
        leecher.Host.Disk.Place(path, bytes);
        await leecher.StartAsync(testSwarm.Download);
        await testSwarm.FinishAsync(leecher);
        TestNetwork.Require(
            leecher.Status.Downloaded <= testSwarm.Content.Size - right + SwarmContent.PieceLength,
            $"{leecher.Status.Downloaded:N0} bytes were fetched though {right:N0} of {testSwarm.Content.Size:N0} were right"
        );
    }

    /// <summary>Stopped and started again, nothing is fetched twice.</summary>
    public static async Task StoppedGoesOn(Simulator simulator)
    {
        var (testSwarm, leecher) = await StartSlowAsync(simulator, TorrentFormat.V2);
        await simulator.WaitUntilAsync(
            testSwarm.Describe,
            () => leecher.Status.Done >= testSwarm.Content.Size / 3,
            TestSwarm.Patience
        );
        await leecher.StopAsync();
        var right = leecher.RightBytes(testSwarm.Metainfo.Info);
        await leecher.StartAsync(testSwarm.Download);
        await testSwarm.FinishAsync(leecher);
        TestNetwork.Require(
            leecher.Status.Downloaded <= testSwarm.Content.Size - right,
            $"{leecher.Status.Downloaded:N0} bytes were fetched though {right:N0} of {testSwarm.Content.Size:N0} were there"
        );
    }

    private static async Task<(TestSwarm Lab, SwarmClient Leecher)> StartSlowAsync(
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
