using System.Security.Cryptography;
using System.Text;
using Anatomic.Cli.Display;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Engine.Sessions;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Torrents;
using Anatomic.World;

namespace Anatomic.Cli.Transfers;

/// <summary>One torrent in a session of its own, in the foreground: what <c>get</c> and <c>seed</c> have in common.</summary>
internal sealed class Transfer : IAsyncDisposable
{
    private readonly VerbContext context;
    private readonly IWorld world;
    private readonly Session session;
    private readonly ProgressDisplay watching;
    private readonly long began;

    private Transfer(VerbContext context, IWorld world, Session session, Torrent torrent)
    {
        this.context = context;
        this.world = world;
        this.session = session;
        Torrent = torrent;
        watching = new ProgressDisplay(context.ProcessEnvironment, context.ConsoleOutput, world.Clock);
        began = world.Clock.GetTimestamp();
    }

    public Torrent Torrent { get; }

    /// <summary>Starts the session and the torrent, and says so.</summary>
    public static async Task<Transfer> StartAsync(
        VerbContext context,
        IWorld world,
        SessionOptions options,
        bool listenIsChosen,
        AddTorrent add,
        CancellationToken stop
    )
    {
        var opened = await OpenAsync(world, options with { ResumeStore = StoreOf(add) }, listenIsChosen, stop);
        try
        {
            var torrent = await opened.AddAsync(add, stop);
            TransferEvents.Started(context.ConsoleOutput, torrent.Status, opened.Listening);
            return new Transfer(context, world, opened, torrent);
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until every wanted piece is verified and written, and says so.</summary>
    public async Task CompleteAsync(CancellationToken stop)
    {
        await WatchAsync(Torrent.Completed, stop);
        await Torrent.Completed;
        if (context.ConsoleOutput.Json)
        {
            TransferEvents.Progress(context.ConsoleOutput, Torrent.Status);
        }
        TransferEvents.Complete(context.ConsoleOutput, Torrent.Status, world.Clock.GetElapsedTime(began));
    }

    /// <summary>Waits until the data of a torrent that is only seeded is checked; returns whether all of it is there.</summary>
    public async Task<bool> CheckedAsync(CancellationToken stop)
    {
        await WatchAsync(Torrent.Completed, stop);
        await Torrent.Completed;
        return Torrent.Status.Done == Torrent.Status.Total;
    }

    /// <summary>Uploads until the goal is met; without a goal (null) until <paramref name="stop"/>.</summary>
    public async Task SeedAsync(SeedGoal? goal, CancellationToken stop)
    {
        TransferEvents.Seeding(context.ConsoleOutput);
        var since = world.Clock.GetTimestamp();
        await WatchAsync(MetAsync(), stop);

        async Task MetAsync()
        {
            var period = TimeSpan.FromMilliseconds(200);
            while (
                !stop.IsCancellationRequested
                && goal?.IsMet(Torrent.Status.Uploaded, Torrent.Status.Total, world.Clock.GetElapsedTime(since)) != true
            )
            {
                await Task.WhenAny(Task.Delay(period, world.Clock, stop));
            }
        }
    }

    /// <summary>Says goodbye to trackers and peers, keeps what is had, and says so.</summary>
    public async ValueTask DisposeAsync()
    {
        await session.DisposeAsync();
        TransferEvents.Stopped(context.ConsoleOutput);
    }

    /// <summary>
    /// One store for a torrent in a place: others may run beside it, and only two that would write the same files meet in it.
    /// </summary>
    private static string StoreOf(AddTorrent add)
    {
        var swarm = add.Metainfo?.Info.SwarmIds[0] ?? add.Magnet!.SwarmIds[0];
        var place = Encoding.UTF8.GetBytes(add.DataPath ?? add.Folder);
        return "transfer-" + Convert.ToHexStringLower(SHA256.HashData([.. swarm.ToArray(), .. place]).AsSpan(0, 8));
    }

    private static async Task<Session> OpenAsync(
        IWorld world,
        SessionOptions options,
        bool listenIsChosen,
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
                "another anatomic is already at work on this torrent in this place; end it, or name another folder";
            throw new CliException(ExitStatus.Failed, "in-use", Line, fault);
        }
        catch (NetworkException) when (!listenIsChosen)
        {
            // Another client has the usual port, and nobody asked for it.
            var free = options.Listen.Select(endpoint => endpoint.WithPort(0)).ToList();
            return await Session.StartAsync(world, options with { Listen = free }, stop);
        }
        catch (NetworkException fault)
        {
            throw new CliException(ExitStatus.Failed, "listen", fault.Message, fault);
        }
    }

    private Task WatchAsync(Task until, CancellationToken stop) =>
        watching.UntilAsync(
            until,
            () => TransferView.Of(Torrent.Status),
            () => TransferEvents.Progress(context.ConsoleOutput, Torrent.Status),
            stop
        );
}
