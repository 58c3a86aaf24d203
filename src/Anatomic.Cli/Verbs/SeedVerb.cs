using System.CommandLine;
using Anatomic.Cli.Display;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Cli.Torrents;
using Anatomic.Cli.Transfers;
using Anatomic.Engine.Sessions;
using Anatomic.Engine.Settings;
using Anatomic.Hosting;

namespace Anatomic.Cli.Verbs;

/// <summary><c>seed</c>: uploads in the foreground until it is ended.</summary>
internal sealed class SeedVerb : Verb
{
    private readonly Argument<string> source = new("TORRENT") { Description = "The torrent file, or its web address" };

    private readonly Option<string> data = new("--data")
    {
        HelpName = "PATH",
        Required = true,
        Description = "The file or folder that the torrent describes, or the folder that holds it",
    };

    private readonly TransferFlags flags = new();

    public SeedVerb()
        : base(
            "seed",
            "Seed a torrent in the foreground until it is ended",
            "anatomic seed holiday.torrent --data ~/videos/holiday.mkv",
            "anatomic seed holiday.torrent --data ~/videos --listen 6881 --limit-up 2M"
        )
    {
        Add(source);
        Add(data);
        flags.AddTo(this);
        Unbuilt("--proxy", "nothing was started, since your address would have been shown");
        Unbuilt(
            "--bind",
            "nothing was started, since other interfaces would have been used; --listen ADDR:PORT chooses where to listen"
        );
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var session = flags.Session(context);
        var peers = flags.PeersOf(context);
        var network = flags.NetworkOf(context);
        await using var world = context.OpenWorld(flags.State);
        var own = await flags.SupernodesAsync(context, world, stop);
        var torrent = await TorrentSource.ReadAsync(context, world, context.Get(source)!, stop);
        var metainfo =
            torrent.Metainfo
            ?? throw CliException.Arguments("a magnet link describes no data: name the torrent file to seed");
        var root = TorrentFiles.DataOf(world.Disk, metainfo.Info, context.FullPath(context.Get(data)!));
        var add = new AddTorrent
        {
            Metainfo = metainfo,
            Folder = Path.GetDirectoryName(root) ?? root,
            DataPath = root,
            Peers = peers,
            SeedOnly = true,
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
        try
        {
            if (!await transfer.CheckedAsync(stop))
            {
                var percent = HumanFormat.Percent(transfer.Torrent.Status.Done, metainfo.Info.Size);
                context.ConsoleOutput.Remark(
                    $"only {percent} % of the data is there and right, and only that is seeded; 'anatomic verify' lists what is missing"
                );
            }
            await transfer.SeedAsync(goal: null, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ending it is how it ends.
        }
        return ExitStatus.Success;
    }
}
