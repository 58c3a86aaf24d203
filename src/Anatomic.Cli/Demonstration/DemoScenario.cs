using System.Security.Cryptography;
using Anatomic.Cli.Display;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Cli.Verbs;
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

/// <summary>The story that <c>demo</c> tells, and every step of it is real: sockets, files, signatures, stores.</summary>
internal sealed class DemoScenario(VerbContext context, DemoNetwork stage)
{
    private const int MadeBytes = 64 << 20;
    private const int Nodes = 3;

    /// <summary>The seeder is held back so that there is a middle in which a node can be stopped.</summary>
    private static readonly TimeSpan Unhurried = TimeSpan.FromSeconds(4);

    private const long SlowestBytesPerSecond = 16 << 20;

    /// <summary>Far beyond what a slow machine needs; a demonstration must not hang.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly TimeProvider clock = TimeProvider.System;

    public async Task RunAsync(string? given, CancellationToken stop)
    {
        var began = clock.GetTimestamp();
        await StartNetworkAsync(stop);
        var file = given ?? await MakeFileAsync(stop);
        var (planted, holders) = await PlantAsync(file, stop);
        await using var seeder = await SeedAsync(planted, file, stop);
        var (took, at, stopped) = await DownloadAsync(planted, stop);
        var late = await LateAsync(planted, stop);
        Step("verify", "comparing the downloaded files with the original");
        var original = await HashAsync(file, stop);
        foreach (var copy in (string[])["downloader", "late-comer"])
        {
            if (await HashAsync(Path.Combine(stage.Folder, copy, planted.Info.Name), stop) != original)
            {
                throw new CliException(
                    ExitStatus.Failed,
                    "verify",
                    $"the copy of the {copy} differs from the original"
                );
            }
        }
        Account(planted, holders, took, at, stopped, late, original, clock.GetElapsedTime(began));
    }

    private async Task StartNetworkAsync(CancellationToken stop)
    {
        for (var i = 1; i <= 2; i++)
        {
            var supernode = await stage.AddSupernodeAsync(stop);
            Step("network", $"supernode {i} answers at {supernode.Urls[0]}");
        }
        for (var i = 1; i <= Nodes; i++)
        {
            var node = await stage.AddNodeAsync(stop);
            Step("network", $"node {i} answers at {node.Urls[0]}");
        }
        await UntilAsync(
            () => stage.Nodes.All(node => node.Service.Registrations == stage.Supernodes.Count),
            "the nodes were not taken by the supernodes",
            stop
        );
        Step("network", "both supernodes have proven all three nodes");
    }

    private async Task<string> MakeFileAsync(CancellationToken stop)
    {
        var path = Path.Combine(stage.Folder, "original", "a file that travels.bin");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var bytes = new byte[MadeBytes];
        RandomNumberGenerator.Fill(bytes);
        await File.WriteAllBytesAsync(path, bytes, stop);
        Step("create", $"made a file of {HumanFormat.Bytes(MadeBytes)}");
        return path;
    }

    private async Task<(TorrentMetainfo Torrent, int Holders)> PlantAsync(string file, CancellationToken stop)
    {
        var world = stage.World("planter", Environment.ProcessorCount);
        var torrent = await CreateVerb.CreateAsync(context, world, file, new CreateOptions(), stop);
        TransferEvents.Begun(context.ConsoleOutput, torrent.Info.HashV1, torrent.Info.HashV2);
        Step("create", $"made a torrent of it: {torrent.Info.PieceCount} pieces, v1 and v2 in one");
        var options = new PlantOptions
        {
            Network = stage.Network.Name.Text,
            Nodes = Nodes,
            Supernodes = stage.Supernodes,
        };
        var result = await world
            .Loops.All[0]
            .RunAsync<PlantResult>(() =>
                new Planter(world, PlanterKey.CreateTransient(world)).PlantAsync(
                    torrent,
                    options,
                    progress => Step("plant", progress.Text),
                    stop
                )
            );
        return TorrentMetainfo.TryRead(result.Torrent, out var planted, out var fault)
            ? (planted, result.Holders.Count)
            : throw new CliException(ExitStatus.Failed, "plant", $"the planted torrent cannot be read: {fault}");
    }

    private async Task<Session> SeedAsync(TorrentMetainfo torrent, string file, CancellationToken stop)
    {
        var session = await SessionAsync("seeder", Pace(torrent), stop);
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
        await seeding.Completed.WaitAsync(Patience, clock, stop);
        Step("seed", $"the seeder has checked its file and listens at {session.Listening[0]}");
        // It announced to one node; without this wait the story would depend on which one is stopped, and how soon.
        await UntilAsync(
            () => stage.Nodes.All(node => KnowsSeeder(node.Tracker.ReadStatistics(), torrent.Info.SwarmIds.Count)),
            "the nodes did not tell each other of the seeder",
            stop
        );
        Step("seed", "it announced to one node, which told the other holders");
        return session;
    }

    private static bool KnowsSeeder(Tracker.Statistics.TrackerStatistics figures, int swarms) =>
        figures.Seeds + figures.SharedPeers >= swarms;

    /// <summary>The downloader knows nothing but the torrent; in the middle one of the nodes that it names is stopped.</summary>
    private async Task<(TimeSpan Took, int Percent, Uri Stopped)> DownloadAsync(
        TorrentMetainfo torrent,
        CancellationToken stop
    )
    {
        var began = clock.GetTimestamp();
        var (session, download) = await GetAsync("downloader", torrent, stop);
        await using var ending = session;
        Step("get", "a second client downloads; it knows nothing but the torrent");
        var half = HalfAsync(download, stop);
        await WatchAsync(download, Task.WhenAny(half, download.Completed), stop);
        var percent = HumanFormat.Percent(download.Status.Done, torrent.Info.Size);
        var victim = stage.Nodes[0];
        var url = victim.Urls[0];
        await victim.DisposeAsync();
        Step("get", $"{percent} % are there: node 1 at {url} is stopped, on purpose");
        await WatchAsync(download, download.Completed, stop);
        await download.Completed;
        var took = clock.GetElapsedTime(began);
        TransferEvents.Complete(context.ConsoleOutput, download.Status, took);
        return (took, percent, url);
    }

    /// <summary>Who comes after the loss must find the seeder through the nodes that are left.</summary>
    private async Task<TimeSpan> LateAsync(TorrentMetainfo torrent, CancellationToken stop)
    {
        var began = clock.GetTimestamp();
        var (session, download) = await GetAsync("late-comer", torrent, stop);
        await using var ending = session;
        Step("get", "a third client comes only now, after the loss of the node");
        await WatchAsync(download, download.Completed, stop);
        await download.Completed;
        var took = clock.GetElapsedTime(began);
        TransferEvents.Complete(context.ConsoleOutput, download.Status, took);
        return took;
    }

    private async Task<(Session, Torrent)> GetAsync(string name, TorrentMetainfo torrent, CancellationToken stop)
    {
        var session = await SessionAsync(name, upLimit: 0, stop);
        try
        {
            var add = new AddTorrent
            {
                Metainfo = torrent,
                Folder = Path.Combine(stage.Folder, name),
                TrackerSource = ClientTorrents.CreateTrackerSource(
                    stage.World(name + "-finder"),
                    stage.Network.Name.Text,
                    torrent,
                    own: []
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

    private Task<Session> SessionAsync(string name, long upLimit, CancellationToken stop) =>
        Session.StartAsync(
            stage.World(name),
            new SessionOptions
            {
                Listen = [Endpoint.From(System.Net.IPAddress.Loopback, 0)],
                AllowPrivate = true,
                MaxUploadBytesPerSecond = upLimit,
            },
            stop
        );

    private async Task WatchAsync(Torrent torrent, Task until, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(Patience + Pace(torrent), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            await new ProgressDisplay(context.ProcessEnvironment, context.ConsoleOutput, clock).UntilAsync(
                until,
                () => TransferView.Of(torrent.Status),
                () => TransferEvents.Progress(context.ConsoleOutput, torrent.Status),
                either.Token
            );
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new CliException(ExitStatus.Failed, "late", $"the download stands at {torrent.Status.Done} bytes");
        }
    }

    private static long Pace(TorrentMetainfo torrent) =>
        Math.Max(SlowestBytesPerSecond, (long)(torrent.Info.Size / Unhurried.TotalSeconds));

    /// <summary>Twice what the pace needs.</summary>
    private static TimeSpan Pace(Torrent torrent) =>
        TimeSpan.FromSeconds(2.0 * torrent.Status.Total / SlowestBytesPerSecond);

    private async Task HalfAsync(Torrent torrent, CancellationToken stop)
    {
        while (torrent.Status.Total == 0 || torrent.Status.Done * 5 < torrent.Status.Total * 2)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), clock, stop);
        }
    }

    private async Task UntilAsync(Func<bool> holds, string otherwise, CancellationToken stop)
    {
        var began = clock.GetTimestamp();
        while (!holds())
        {
            if (clock.GetElapsedTime(began) > Patience)
            {
                throw new CliException(
                    ExitStatus.Failed,
                    "late",
                    $"{otherwise} within {Patience.TotalSeconds} seconds"
                );
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), clock, stop);
        }
    }

    private static async Task<string> HashAsync(string path, CancellationToken stop)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, stop));
    }

    private void Step(string step, string text) =>
        context.ConsoleOutput.Event(
            "step",
            writer =>
            {
                writer.WriteString("step", step);
                writer.WriteString("text", text);
            },
            $"{step, -8} {text}"
        );

    private void Account(
        TorrentMetainfo torrent,
        int holders,
        TimeSpan took,
        int percent,
        Uri stopped,
        TimeSpan late,
        string hash,
        TimeSpan all
    )
    {
        if (context.ConsoleOutput.Json)
        {
            context.ConsoleOutput.Event("stopped", facts: null, plain: null);
            return;
        }
        context.ConsoleOutput.Line("");
        context.ConsoleOutput.Line($"What happened, in {HumanFormat.Duration(all)}:");
        context.ConsoleOutput.Line(
            $"  - {HumanFormat.Bytes(torrent.Info.Size)} were planted on {holders} nodes that 2 supernodes proposed."
        );
        context.ConsoleOutput.Line(
            $"  - A client with nothing but the torrent found the seeder and had it all after {HumanFormat.Duration(took)},"
        );
        context.ConsoleOutput.Line($"    although node 1 ({stopped}) was stopped at {percent} %.");
        context.ConsoleOutput.Line(
            $"  - Another one that came after the loss asked the nodes that are left: {HumanFormat.Duration(late)}."
        );
        context.ConsoleOutput.Line($"  - All three files are the same, SHA-256 {hash[..16]}…");
        context.ConsoleOutput.Line("No machine in this network is one that it cannot lose.");
    }
}
