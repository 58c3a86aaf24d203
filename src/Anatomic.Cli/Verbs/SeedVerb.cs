using System.CommandLine;
using Anatomic.Cli.Display;
using Anatomic.Cli.Flags;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Cli.Torrents;
using Anatomic.Cli.Transfers;
using Anatomic.Engine.Settings;
using Anatomic.Hosting;

namespace Anatomic.Cli.Verbs;

/// <summary><c>seed</c>: seeds a torrent in the foreground until it is stopped.</summary>
internal sealed class SeedVerb : Verb
{
    private readonly Argument<string> source = new("TORRENT") { Description = "A .torrent file, or its web address" };

    private readonly Option<string> data = SharedFlags.TorrentData();

    private readonly TransferFlags flags = new();

    public SeedVerb()
        : base(
            "seed",
            "Seed a torrent in the foreground until you stop it",
            "anatomic seed holiday.torrent --data ~/videos/holiday.mkv",
            "anatomic seed holiday.torrent --data ~/videos --listen 6881 --limit-up 2M"
        )
    {
        Add(source);
        AddFlags(data);
        flags.AddTo(this);
    }

    public override async Task<int> RunAsync(VerbContext context, CancellationToken stop)
    {
        var session = flags.Session(context);
        var peers = flags.Peers(context);
        var network = flags.Network(context);
        await using var world = context.OpenWorld(flags.State);
        var supernodes = await flags.SupernodesAsync(context, world, stop);
        var torrent = await TorrentSource.ReadAsync(context, world, context.Get(source)!, stop);
        var metainfo =
            torrent.Metainfo
            ?? throw CliException.UsageError("a magnet link does not describe data: give the torrent file");
        var place = await TorrentFiles.LocateAsync(context, world.Disk, metainfo.Info, context.Get(data)!, stop);
        var add = new AddTorrent
        {
            Metainfo = metainfo,
            Folder = place.Root,
            DataPath = place.IsTorrent ? place.Root : null,
            Peers = peers,
            SeedOnly = true,
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
        try
        {
            if (!await transfer.CheckedAsync(stop))
            {
                var percent = HumanFormat.Percent(transfer.Torrent.Status.Done, metainfo.Info.Size);
                context.Output.WriteWarning(
                    $"only {percent} % of the data is valid, and only that is seeded; 'anatomic verify' lists the rest"
                );
            }
            await transfer.SeedAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // A signal is the normal end.
        }
        return ExitStatus.Success;
    }
}
