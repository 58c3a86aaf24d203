using System.CommandLine;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Cli.Torrents;
using Anatomic.Cli.Transfers;
using Anatomic.Engine.Settings;
using Anatomic.Hosting;

namespace Anatomic.Cli.Verbs;

/// <summary><c>get</c>: downloads a torrent in the foreground.</summary>
internal sealed class GetVerb : Verb
{
    private readonly Argument<string> source = new("TORRENT|MAGNET|URL")
    {
        Description = "A .torrent file, a magnet link, or the web address of a .torrent file",
    };

    private readonly Option<string> output = new("--output", "-o")
    {
        HelpName = "DIR",
        Description = "Download folder [default: this folder]",
    };

    private readonly Option<string> select = new("--select")
    {
        HelpName = "NUMBERS",
        Description = "Only these files, by their numbers in 'anatomic info', such as 1,3-5",
    };

    private readonly Option<bool> sequential = new("--sequential")
    {
        Description = "Download pieces in order, for playback during the download",
    };

    private readonly Option<bool> overwrite = new("--overwrite")
    {
        Description = "Overwrite or shorten existing files that do not match the torrent",
    };

    private readonly Option<string> seedRatio = new("--seed-ratio")
    {
        HelpName = "RATIO",
        Description = "Seed until this ratio is reached",
    };

    private readonly Option<string> seedTime = new("--seed-time")
    {
        HelpName = "TIME",
        Description = "Seed for this long, such as 90s, 10m or 2h; with a ratio, whichever comes first",
    };

    private readonly TransferFlags flags = new();

    public GetVerb()
        : base(
            "get",
            "Download a torrent in the foreground",
            "anatomic get ubuntu.torrent -o ~/downloads",
            "anatomic get 'magnet:?xt=urn:btih:…' --seed-ratio 1 --limit-up 500K"
        )
    {
        Add(source);
        AddFlags(output, select, sequential, overwrite, seedRatio, seedTime);
        flags.AddTo(this);
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var goals = new SeedGoals
        {
            Ratio = context.Get(seedRatio) is { Length: > 0 } ratio ? FlagValues.Ratio("--seed-ratio", ratio) : null,
            Time = context.Get(seedTime) is { Length: > 0 } time ? FlagValues.Duration("--seed-time", time) : null,
        };
        var chosen = context.Get(select) is { Length: > 0 } numbers ? FlagValues.FileNumbers(numbers) : null;
        var session = flags.Session(context);
        var peers = flags.Peers(context);
        var network = flags.Network(context);
        await using var world = context.OpenWorld(flags.State);
        var supernodes = await flags.SupernodesAsync(context, world, stop);
        var torrent = await TorrentSource.ReadAsync(context, world, context.Get(source)!, stop);
        var fileCount = torrent.Metainfo?.Info.ContentFiles.Count ?? int.MaxValue;
        if (chosen is not null && chosen[^1] >= fileCount)
        {
            throw CliException.UsageError(
                $"--select names file {chosen[^1] + 1}, but the torrent has only {fileCount}"
            );
        }
        var add = new AddTorrent
        {
            Metainfo = torrent.Metainfo,
            Magnet = torrent.Magnet,
            Folder = context.FullPath(context.Get(output) ?? "."),
            Peers = peers,
            Files = chosen,
            Sequential = context.Get(sequential),
            Overwrite = context.Get(overwrite),
            Goals = goals,
            TrackerSource = ClientTorrents.CreateTrackerSource(world, network, torrent.Metainfo, supernodes),
        };
        await using var transfer = await Transfer.StartAsync(
            context,
            world,
            session,
            flags.ListenIsSet(context),
            add,
            stop
        );
        await transfer.CompleteAsync(stop);
        if (goals != SeedGoals.None)
        {
            await SeedUntilGoalOrSignalAsync(transfer, stop);
        }
        return ExitStatus.Success;
    }

    /// <summary>The download is complete, so a signal that ends seeding is a success.</summary>
    private static async Task SeedUntilGoalOrSignalAsync(Transfer transfer, CancellationToken stop)
    {
        try
        {
            await transfer.SeedAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
    }
}
