using System.CommandLine;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Cli.Torrents;
using Anatomic.Cli.Transfers;
using Anatomic.Engine.Sessions;
using Anatomic.Engine.Settings;
using Anatomic.Hosting;

namespace Anatomic.Cli.Verbs;

/// <summary><c>get</c>: downloads in the foreground.</summary>
internal sealed class GetVerb : Verb
{
    private readonly Argument<string> source = new("TORRENT|MAGNET|URL")
    {
        Description = "A .torrent file, a magnet link or a web address of a .torrent file",
    };

    private readonly Option<string> output = new("--output", "-o")
    {
        HelpName = "DIR",
        Description = "The folder to download into [default: this folder]",
    };

    private readonly Option<string> select = new("--select")
    {
        HelpName = "NUMBERS",
        Description = "Only these files, by their numbers in 'anatomic info', as 1,3-5",
    };

    private readonly Option<bool> sequential = new("--sequential")
    {
        Description = "Pieces in their order, for watching while downloading",
    };

    private readonly Option<string> seedRatio = new("--seed-ratio")
    {
        HelpName = "RATIO",
        Description = "Go on seeding until so many times the size is uploaded",
    };

    private readonly Option<string> seedTime = new("--seed-time")
    {
        HelpName = "TIME",
        Description = "Go on seeding so long, as 90s, 10m or 2h; with a ratio, whichever is first",
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
        foreach (Option option in (Option[])[output, select, sequential, seedRatio, seedTime])
        {
            Add(option);
        }
        flags.AddTo(this);
        Unbuilt("--proxy", "nothing was started, since your address would have been shown");
        Unbuilt(
            "--bind",
            "nothing was started, since other interfaces would have been used; --listen ADDR:PORT chooses where to listen"
        );
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var goal = new SeedGoal(
            context.Get(seedRatio) is { Length: > 0 } ratio ? FlagValues.Ratio("--seed-ratio", ratio) : null,
            context.Get(seedTime) is { Length: > 0 } time ? FlagValues.Time("--seed-time", time) : null
        );
        var chosen = context.Get(select) is { Length: > 0 } numbers ? FlagValues.Selection(numbers) : null;
        var session = flags.Session(context);
        var peers = flags.PeersOf(context);
        var network = flags.NetworkOf(context);
        await using var world = context.OpenWorld(flags.State);
        var own = await flags.SupernodesAsync(context, world, stop);
        var torrent = await TorrentSource.ReadAsync(context, world, context.Get(source)!, stop);
        var files = torrent.Metainfo?.Info.ContentFiles.Count ?? int.MaxValue;
        if (chosen is not null && chosen[^1] >= files)
        {
            throw CliException.Arguments($"--select names file {chosen[^1] + 1}, but the torrent has only {files}");
        }
        var add = new AddTorrent
        {
            Metainfo = torrent.Metainfo,
            Magnet = torrent.Magnet,
            Folder = context.FullPath(context.Get(output) ?? "."),
            Peers = peers,
            Files = chosen,
            Sequential = context.Get(sequential),
            TrackerSource = ClientTorrents.CreateTrackerSource(world, network, torrent.Metainfo, own),
        };
        await using var transfer = await Transfer.StartAsync(
            context,
            world,
            session,
            flags.ListenIsChosen(context),
            add,
            stop
        );
        await transfer.CompleteAsync(stop);
        if (goal != new SeedGoal(null, null))
        {
            await UntilMetOrEndedAsync(transfer, goal, stop);
        }
        return ExitStatus.Success;
    }

    /// <summary>What is complete is done: ending the seeding after it is no failure.</summary>
    private static async Task UntilMetOrEndedAsync(Transfer transfer, SeedGoal goal, CancellationToken stop)
    {
        try
        {
            await transfer.SeedAsync(goal, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
    }
}
