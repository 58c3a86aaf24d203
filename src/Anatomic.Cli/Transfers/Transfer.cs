using System.Security.Cryptography;
using System.Text;
using Anatomic.Cli.Display;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Engine;
using Anatomic.Engine.Sessions;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Torrents;
using Anatomic.World;

namespace Anatomic.Cli.Transfers;

/// <summary>One torrent in a session of its own, in the foreground; <c>get</c> and <c>seed</c> run one each.</summary>
internal sealed class Transfer : IAsyncDisposable
{
    private readonly VerbContext context;
    private readonly IWorld world;
    private readonly Session session;
    private readonly ProgressDisplay progress;
    private readonly long began;

    private Transfer(VerbContext context, IWorld world, Session session, Torrent torrent)
    {
        this.context = context;
        this.world = world;
        this.session = session;
        Torrent = torrent;
        progress = new ProgressDisplay(context.Environment, context.Output, world.Clock);
        began = world.Clock.GetTimestamp();
    }

    public Torrent Torrent { get; }

    /// <summary>Starts the session and the torrent, and writes <c>started</c>.</summary>
    public static async Task<Transfer> StartAsync(
        VerbContext context,
        IWorld world,
        SessionOptions options,
        bool listenIsSet,
        AddTorrent add,
        CancellationToken stop
    )
    {
        var started = await OpenAsync(world, options with { ResumeStore = StoreName(add) }, listenIsSet, stop);
        try
        {
            var torrent = await started.AddAsync(add, stop);
            TransferEvents.Started(context.Output, torrent.Status, started.Listening);
            return new Transfer(context, world, started, torrent);
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until every wanted piece is verified and written, then writes <c>complete</c>.</summary>
    public async Task CompleteAsync(CancellationToken stop)
    {
        await WatchAsync(Torrent.Completed, stop);
        await Torrent.Completed;
        if (context.Output.IsJson)
        {
            TransferEvents.Progress(context.Output, Torrent.Status);
        }
        TransferEvents.Complete(context.Output, Torrent.Status, world.Clock.GetElapsedTime(began));
    }

    /// <summary>Waits until the data to seed is verified; returns whether it is complete.</summary>
    public async Task<bool> CheckedAsync(CancellationToken stop)
    {
        await WatchAsync(Torrent.Completed, stop);
        await Torrent.Completed;
        return Torrent.Status.Done == Torrent.Status.Total;
    }

    /// <summary>Uploads until the torrent's goal is reached; without one, until <paramref name="stop"/>.</summary>
    /// <exception cref="EngineException">The torrent cannot continue.</exception>
    public async Task SeedAsync(CancellationToken stop)
    {
        TransferEvents.Seeding(context.Output);
        var seeding = WaitForGoalAsync(stop);
        await WatchAsync(seeding, stop);
        await seeding;
    }

    /// <summary>Notifies trackers and peers, saves the state and writes <c>stopped</c>.</summary>
    public async ValueTask DisposeAsync()
    {
        await session.DisposeAsync();
        TransferEvents.Stopped(context.Output);
    }

    /// <summary>
    /// The store is named after the torrent and its place, so that only transfers of the same files exclude each other.
    /// </summary>
    private static string StoreName(AddTorrent add)
    {
        var swarm = add.Metainfo?.Info.SwarmIds[0] ?? add.Magnet!.SwarmIds[0];
        var place = Encoding.UTF8.GetBytes(add.DataPath ?? add.Folder);
        return "transfer-" + Convert.ToHexStringLower(SHA256.HashData([.. swarm.ToArray(), .. place]).AsSpan(0, 8));
    }

    private static async Task<Session> OpenAsync(
        IWorld world,
        SessionOptions options,
        bool listenIsSet,
        CancellationToken stop
    )
    {
        try
        {
            return await Session.StartAsync(world, options, stop);
        }
        catch (DiskException fault) when (fault.Kind == DiskFault.InUse)
        {
            const string Line =
                "another anatomic already transfers this torrent in this folder: stop it, or choose another folder";
            throw new CliException(ExitStatus.Failed, "in-use", Line, fault);
        }
        catch (NetworkException) when (!listenIsSet)
        {
            // Another client uses the default port, and the user did not ask for it.
            var free = options.Listen.Select(endpoint => endpoint.WithPort(0)).ToList();
            return await Session.StartAsync(world, options with { Listen = free }, stop);
        }
        catch (NetworkException fault)
        {
            throw new CliException(ExitStatus.Failed, "listen", fault.Message, fault);
        }
    }

    private async Task WaitForGoalAsync(CancellationToken stop)
    {
        await using var changes = await session.WatchAsync(TorrentSlices.Summary);
        while (Torrent.Status.State != TorrentState.Stopped)
        {
            if (Torrent.Status is { State: TorrentState.Faulted, Fault: { } fault })
            {
                throw new EngineException(fault);
            }
            await changes.NextAsync(stop);
        }
    }

    private Task WatchAsync(Task task, CancellationToken stop) =>
        progress.ShowUntilAsync(
            task,
            () => TransferView.Render(Torrent),
            () => TransferEvents.Progress(context.Output, Torrent.Status),
            stop
        );
}
