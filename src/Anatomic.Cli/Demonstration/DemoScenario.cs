using System.Security.Cryptography;
using Anatomic.Cli.Display;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Cli.Torrents;
using Anatomic.Engine.Creation;
using Anatomic.Engine.Sessions;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Torrents;
using Anatomic.Federation.Planting;
using Anatomic.Hosting;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Cli.Demonstration;

/// <summary>The script of <c>demo</c>; every step is real: sockets, files, signatures and stores.</summary>
internal sealed class DemoScenario(VerbContext context, DemoNetwork network)
{
    private const int GeneratedFileBytes = 64 << 20;
    private const int NodeCount = 3;

    /// <summary>A node is stopped once two fifths of the download are done.</summary>
    private const double StopNodeAt = 0.4;

    /// <summary>The seeder's upload is limited to take this long, so that a node can be stopped during it.</summary>
    private static readonly TimeSpan MinTransferTime = TimeSpan.FromSeconds(4);

    private const long MinUploadBytesPerSecond = 16 << 20;

    /// <summary>Far more than a slow machine needs for a step; a demo must not hang.</summary>
    private static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider clock = TimeProvider.System;

    /// <summary>Runs the whole scenario.</summary>
    /// <param name="path">The file to share; null to generate one.</param>
    /// <param name="stop">Ends the demo early.</param>
    public async Task RunAsync(string? path, CancellationToken stop)
    {
        var began = clock.GetTimestamp();
        await StartNetworkAsync(stop);
        var file = path ?? await GenerateFileAsync(stop);
        var (planted, holders) = await PlantAsync(file, stop);
        await using var seeder = await SeedAsync(planted, file, stop);
        var first = await DownloadDuringFailureAsync(planted, stop);
        var second = await DownloadAfterFailureAsync(planted, stop);
        var hash = await CompareFilesAsync(planted, file, stop);
        var elapsed = clock.GetElapsedTime(began);
        WriteSummary(new DemoResult(planted.Info.Size, holders, first, second, hash, elapsed));
    }

    private async Task StartNetworkAsync(CancellationToken stop)
    {
        for (var i = 1; i <= 2; i++)
        {
            var supernode = await network.AddSupernodeAsync(stop);
            WriteStep("network", $"supernode {i} runs at {supernode.Urls[0]}");
        }
        for (var i = 1; i <= NodeCount; i++)
        {
            var node = await network.AddNodeAsync(stop);
            WriteStep("network", $"node {i} runs at {node.Urls[0]}");
        }
        await WaitUntilAsync(
            () => network.Nodes.All(node => node.Service.Registrations == network.Supernodes.Count),
            "the supernodes did not accept the nodes",
            stop
        );
        WriteStep("network", $"both supernodes have verified all {NodeCount} nodes");
    }

    private async Task<string> GenerateFileAsync(CancellationToken stop)
    {
        var path = Path.Combine(network.Folder, "original", "demo.bin");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var bytes = new byte[GeneratedFileBytes];
        RandomNumberGenerator.Fill(bytes);
        await File.WriteAllBytesAsync(path, bytes, stop);
        WriteStep("create", $"created a file of {HumanFormat.Bytes(GeneratedFileBytes)}");
        return path;
    }

    private async Task<(TorrentMetainfo Torrent, int Holders)> PlantAsync(string file, CancellationToken stop)
    {
        var world = network.OpenWorld("planter", Environment.ProcessorCount);
        var torrent = await TorrentCreation.RunAsync(context, world, file, new CreateOptions(), stop);
        TransferEvents.StartedLocally(context.Output, torrent.Info.HashV1, torrent.Info.HashV2);
        WriteStep("create", $"created a hybrid torrent (v1 and v2) with {torrent.Info.PieceCount} pieces");
        var options = new PlantOptions
        {
            Network = network.Network.Name.Text,
            Nodes = NodeCount,
            Supernodes = network.Supernodes,
        };
        var result = await world
            .Loops.All[0]
            .RunAsync<PlantResult>(() =>
                new Planter(world, PlanterKey.CreateTransient(world)).PlantAsync(
                    torrent,
                    options,
                    progress => WriteStep("plant", progress.Text),
                    stop
                )
            );
        return TorrentMetainfo.TryRead(result.Torrent, out var planted, out var fault)
            ? (planted, result.Holders.Count)
            : throw new CliException(ExitStatus.Failed, "plant", $"the planted torrent cannot be read: {fault}");
    }

    private async Task<Session> SeedAsync(TorrentMetainfo torrent, string file, CancellationToken stop)
    {
        var session = await StartSessionAsync("seeder", UploadLimit(torrent), stop);
        var seeding = await session.AddAsync(
            new AddTorrent
            {
                Metainfo = torrent,
                Folder = Path.GetDirectoryName(file)!,
                DataPath = file,
                SeedOnly = true,
            },
            stop
        );
        await seeding.Completed.WaitAsync(StepTimeout, clock, stop);
        WriteStep("seed", $"the seeder has verified its file and listens on {session.Listening[0]}");
        // The seeder announces to one node. Waiting until all know it makes the demo independent of which node stops.
        await WaitUntilAsync(
            () => network.Nodes.All(node => KnowsSeeder(node.Tracker.ReadStatistics(), torrent.Info.SwarmIds.Count)),
            "the nodes did not share the seeder with each other",
            stop
        );
        WriteStep("seed", "the seeder announced to one node, which told the other holders");
        return session;
    }

    private static bool KnowsSeeder(Tracker.Statistics.TrackerStatistics statistics, int swarms) =>
        statistics.Seeds + statistics.SharedPeers >= swarms;

    /// <summary>
    /// A client that has only the torrent downloads; meanwhile a node that the torrent names is stopped.
    /// </summary>
    private async Task<FirstDownload> DownloadDuringFailureAsync(TorrentMetainfo torrent, CancellationToken stop)
    {
        var began = clock.GetTimestamp();
        var (session, download) = await StartDownloadAsync("downloader", torrent, stop);
        await using var ending = session;
        WriteStep("get", "a second client, which has only the torrent, starts to download");
        var partlyDone = WaitUntilPartlyDoneAsync(download, stop);
        await ShowUntilAsync(download, Task.WhenAny(partlyDone, download.Completed), stop);
        var percent = HumanFormat.Percent(download.Status.Done, torrent.Info.Size);
        var node = network.Nodes[0];
        var url = node.Urls[0];
        await node.DisposeAsync();
        WriteStep("get", $"at {percent} %, node 1 at {url} is stopped on purpose");
        await ShowUntilAsync(download, download.Completed, stop);
        await download.Completed;
        var elapsed = clock.GetElapsedTime(began);
        TransferEvents.Complete(context.Output, download.Status, elapsed);
        return new FirstDownload(elapsed, percent, url);
    }

    /// <summary>A client that joins after the failure must find the seeder through the remaining nodes.</summary>
    private async Task<TimeSpan> DownloadAfterFailureAsync(TorrentMetainfo torrent, CancellationToken stop)
    {
        var began = clock.GetTimestamp();
        var (session, download) = await StartDownloadAsync("late-comer", torrent, stop);
        await using var ending = session;
        WriteStep("get", "a third client joins after node 1 was lost");
        await ShowUntilAsync(download, download.Completed, stop);
        await download.Completed;
        var elapsed = clock.GetElapsedTime(began);
        TransferEvents.Complete(context.Output, download.Status, elapsed);
        return elapsed;
    }

    private async Task<string> CompareFilesAsync(TorrentMetainfo torrent, string file, CancellationToken stop)
    {
        WriteStep("verify", "comparing the downloaded files with the original");
        var original = await HashAsync(file, stop);
        foreach (var client in (string[])["downloader", "late-comer"])
        {
            if (await HashAsync(Path.Combine(network.Folder, client, torrent.Info.Name), stop) != original)
            {
                throw new CliException(ExitStatus.Failed, "verify", $"the {client}'s file differs from the original");
            }
        }
        return original;
    }

    private async Task<(Session, Torrent)> StartDownloadAsync(
        string name,
        TorrentMetainfo torrent,
        CancellationToken stop
    )
    {
        var session = await StartSessionAsync(name, uploadLimit: 0, stop);
        try
        {
            var add = new AddTorrent
            {
                Metainfo = torrent,
                Folder = Path.Combine(network.Folder, name),
                TrackerSource = ClientTorrents.CreateTrackerSource(
                    network.OpenWorld(name + "-lookup"),
                    network.Network.Name.Text,
                    torrent,
                    []
                ),
            };
            return (session, await session.AddAsync(add, stop));
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    private Task<Session> StartSessionAsync(string name, long uploadLimit, CancellationToken stop) =>
        Session.StartAsync(
            network.OpenWorld(name),
            new SessionOptions
            {
                Listen = [Endpoint.From(System.Net.IPAddress.Loopback, 0)],
                AllowPrivate = true,
                MaxUploadBytesPerSecond = uploadLimit,
            },
            stop
        );

    private async Task ShowUntilAsync(Torrent torrent, Task task, CancellationToken stop)
    {
        using var timeout = new CancellationTokenSource(StepTimeout + MaxTransferTime(torrent), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        try
        {
            await new ProgressDisplay(context.Environment, context.Output, clock).ShowUntilAsync(
                task,
                () => TransferView.Render(torrent),
                () => TransferEvents.Progress(context.Output, torrent.Status),
                either.Token
            );
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new CliException(ExitStatus.Failed, "late", $"the download stalled at {torrent.Status.Done} bytes");
        }
    }

    private static long UploadLimit(TorrentMetainfo torrent) =>
        Math.Max(MinUploadBytesPerSecond, (long)(torrent.Info.Size / MinTransferTime.TotalSeconds));

    /// <summary>Twice what the lowest upload limit needs.</summary>
    private static TimeSpan MaxTransferTime(Torrent torrent) =>
        TimeSpan.FromSeconds(2.0 * torrent.Status.Total / MinUploadBytesPerSecond);

    private async Task WaitUntilPartlyDoneAsync(Torrent torrent, CancellationToken stop)
    {
        while (torrent.Status.Total == 0 || torrent.Status.Done < torrent.Status.Total * StopNodeAt)
        {
            await Task.Delay(PollPeriod, clock, stop);
        }
    }

    private async Task WaitUntilAsync(Func<bool> condition, string failure, CancellationToken stop)
    {
        var began = clock.GetTimestamp();
        while (!condition())
        {
            if (clock.GetElapsedTime(began) > StepTimeout)
            {
                var seconds = StepTimeout.TotalSeconds;
                throw new CliException(ExitStatus.Failed, "late", $"{failure} within {seconds} seconds");
            }
            await Task.Delay(PollPeriod, clock, stop);
        }
    }

    private static async Task<string> HashAsync(string path, CancellationToken stop)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, stop));
    }

    private void WriteStep(string step, string text) =>
        context.Output.WriteEvent(
            "step",
            writer =>
            {
                writer.WriteString("step", step);
                writer.WriteString("text", text);
            },
            $"{step, -8} {text}"
        );

    private void WriteSummary(DemoResult result)
    {
        var output = context.Output;
        if (output.IsJson)
        {
            TransferEvents.Stopped(output);
            return;
        }
        var size = HumanFormat.Bytes(result.Bytes);
        var (first, second) = (HumanFormat.Duration(result.First.Elapsed), HumanFormat.Duration(result.Second));
        output.WriteLine("");
        output.WriteLine($"Summary ({HumanFormat.Duration(result.Elapsed)}):");
        output.WriteLine(
            $"  - {size} were planted on {HumanFormat.Count(result.Holders, "node")} that 2 supernodes proposed."
        );
        output.WriteLine($"  - A client that had only the torrent downloaded the file in {first},");
        output.WriteLine($"    although node 1 ({result.First.StoppedNode}) was stopped at {result.First.Percent} %.");
        output.WriteLine("  - Another client joined after the node was lost, found the seeder through");
        output.WriteLine($"    the remaining nodes, and took {second}.");
        output.WriteLine($"  - All three files are identical: SHA-256 {result.Sha256[..16]}…");
        output.WriteLine("Any single machine here can fail.");
    }

    private sealed record FirstDownload(TimeSpan Elapsed, int Percent, Uri StoppedNode);

    private sealed record DemoResult(
        long Bytes,
        int Holders,
        FirstDownload First,
        TimeSpan Second,
        string Sha256,
        TimeSpan Elapsed
    );
}
