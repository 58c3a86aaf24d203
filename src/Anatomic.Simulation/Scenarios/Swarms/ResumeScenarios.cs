using Anatomic.Wire.Metainfo;

namespace Anatomic.Simulation.Scenarios.Swarms;

/// <summary>Downloads that are interrupted and go on.</summary>
public static class ResumeScenarios
{
    private const long Rate = 50_000; // slow enough that a flush comes in the middle
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(20); // longer than the engine's own pause

    /// <summary>What was flushed before a crash is not fetched again, and nothing wrong is claimed.</summary>
    public static async Task CrashLosesOnlyWhatWasNotFlushed(Universe universe)
    {
        var (lab, leecher) = await StartSlowAsync(universe, TorrentFormat.V1);
        await universe.WaitUntilAsync(
            lab.Describe,
            () => leecher.Status.Done >= lab.Content.Size / 4,
            SwarmLab.Patience
        );
        var durable = leecher.Status.Done;
        await universe.WaitAsync(FlushTime + TimeSpan.FromMilliseconds(universe.Entropy.Next(2000)));
        leecher.Crash();
        await universe.WaitAsync(TimeSpan.FromSeconds(1 + universe.Entropy.Next(20)));
        leecher.Host.Restart();
        await leecher.StartAsync(lab.Download);
        await lab.FinishAsync(leecher);
        Village.Require(
            leecher.Status.Downloaded <= lab.Content.Size - durable,
            $"{leecher.Status.Downloaded:N0} bytes were fetched though {durable:N0} of {lab.Content.Size:N0} were flushed"
        );
    }

    /// <summary>A file changes while the client is away: what is wrong in it is fetched again, the rest is kept.</summary>
    public static async Task ChangedFileIsCheckedAgain(Universe universe)
    {
        var (lab, leecher) = await StartSlowAsync(universe, TorrentFormat.Hybrid);
        await universe.WaitUntilAsync(
            lab.Describe,
            () => leecher.Status.Done >= lab.Content.Size / 2,
            SwarmLab.Patience
        );
        await leecher.StopAsync();
        var right = leecher.RightBytes(lab.Metainfo.Info);
        var path = leecher
            .Host.Disk.Files.Where(file => file.StartsWith(LabClient.Folder, StringComparison.Ordinal))
            .MaxBy(file => leecher.Host.Disk.Peek(file)!.Length)!;
        var bytes = leecher.Host.Disk.Peek(path)!;
        bytes[universe.Entropy.Next(bytes.Length)] ^= 1;
        leecher.Host.Disk.Place(path, bytes);
        await leecher.StartAsync(lab.Download);
        await lab.FinishAsync(leecher);
        Village.Require(
            leecher.Status.Downloaded <= lab.Content.Size - right + LabContent.PieceLength,
            $"{leecher.Status.Downloaded:N0} bytes were fetched though {right:N0} of {lab.Content.Size:N0} were right"
        );
    }

    /// <summary>Stopped and started again, nothing is fetched twice.</summary>
    public static async Task StoppedGoesOn(Universe universe)
    {
        var (lab, leecher) = await StartSlowAsync(universe, TorrentFormat.V2);
        await universe.WaitUntilAsync(
            lab.Describe,
            () => leecher.Status.Done >= lab.Content.Size / 3,
            SwarmLab.Patience
        );
        await leecher.StopAsync();
        var right = leecher.RightBytes(lab.Metainfo.Info);
        await leecher.StartAsync(lab.Download);
        await lab.FinishAsync(leecher);
        Village.Require(
            leecher.Status.Downloaded <= lab.Content.Size - right,
            $"{leecher.Status.Downloaded:N0} bytes were fetched though {right:N0} of {lab.Content.Size:N0} were there"
        );
    }

    private static async Task<(SwarmLab Lab, LabClient Leecher)> StartSlowAsync(Universe universe, TorrentFormat format)
    {
        var content = LabContent.ManyFiles(universe.Entropy);
        content.Files["/c/large"] = universe.Entropy.Bytes(4_000_001);
        var lab = await SwarmLab.BuildAsync(universe, content, format);
        await lab.SeedAsync();
        var leecher = lab.AddClient("leecher");
        await leecher.StartAsync(lab.Download, options => options with { MaxDownBytesPerSecond = Rate });
        return (lab, leecher);
    }
}
