using System.Text;
using Anatomic.Engine.Connections;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Torrents;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Sessions;

/// <summary>
/// Downloads and seeds torrents. Listens for peers and divides the torrents among the event loops. May be used from any
/// thread.
/// </summary>
public sealed class Session : IAsyncDisposable
{
    private readonly SharedResources shared;
    private readonly SessionTorrents torrents;
    private readonly CancellationTokenSource stopping;
    private readonly ILoop loop;
    private readonly IStore? store;
    private readonly PeerAcceptor acceptor;
    private bool isDisposed;

    private Session(IWorld world, SessionOptions options, IStore? store, CancellationToken stop)
    {
        this.store = store;
        loop = world.Loops.All[0];
        stopping = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var id = new byte[Hash20.Length];
        world.Entropy.Fork("peer id").Fill(id);
        Encoding.ASCII.GetBytes(options.PeerIdPrefix, id);
        torrents = new SessionTorrents(loop, stopping.Token);
        shared = torrents.Share(world, options, new Hash20(id), store);
        acceptor = new PeerAcceptor(world, torrents, [shared.Bans, shared.Expelled], () => shared.Now, stopping.Token);
    }

    /// <summary>The bound addresses, with their actual ports.</summary>
    public IReadOnlyList<Endpoint> Listening { get; private set; } = [];

    /// <summary>The torrents in the order they were added.</summary>
    public IReadOnlyList<Torrent> Torrents => torrents.All;

    /// <summary>Validates the options, opens the store, starts to listen, and starts the torrents it kept.</summary>
    /// <param name="world">The network, disk, clock and other resources to use.</param>
    /// <param name="stop">
    /// Ends the session at once. <see cref="DisposeAsync"/> stops its torrents properly instead.
    /// </param>
    /// <exception cref="EngineException">An option is invalid.</exception>
    /// <exception cref="NetworkException">An address cannot be bound.</exception>
    /// <exception cref="DiskException">The store is in use, damaged or inaccessible.</exception>
    public static Task<Session> StartAsync(IWorld world, SessionOptions options, CancellationToken stop)
    {
        var faults = options.Validate();
        if (faults.Count > 0)
        {
            throw new EngineException($"The session cannot start: {string.Join("; ", faults)}.");
        }
        return LoopExtensions.RunAsync(world.Loops.All[0], () => OpenAsync(world, options, stop));
    }

    /// <summary>Adds a torrent and starts it; returns before its data is checked.</summary>
    /// <exception cref="EngineException">
    /// The session already has the info-hash, or the arguments are invalid.
    /// </exception>
    /// <exception cref="DiskException">The torrent cannot be saved.</exception>
    public Task<Torrent> AddAsync(AddTorrent add, CancellationToken stop)
    {
        add.Validate();
        stop.ThrowIfCancellationRequested();
        return LoopExtensions.RunAsync(loop, () => torrents.AddAsync(add));
    }

    /// <summary>Stops a torrent and forgets it.</summary>
    /// <param name="deleteData">Deletes its files too; those of others in its folders stay.</param>
    /// <exception cref="EngineException">The session does not have the torrent.</exception>
    /// <exception cref="DiskException">The data or the record cannot be deleted.</exception>
    public Task RemoveAsync(Torrent torrent, bool deleteData = false) =>
        loop.RunAsync(() => torrents.RemoveAsync(torrent, deleteData));

    /// <summary>
    /// Subscribes to everything that changes. The first batch contains every torrent, or those that changed after a
    /// version.
    /// </summary>
    /// <param name="slices">The parts to watch; the summary always is.</param>
    /// <param name="after">The version of the last batch that was read; 0: everything.</param>
    public Task<ChangeReader> WatchAsync(TorrentSlices slices, long after = 0) =>
        LoopExtensions.RunAsync(loop, () => Task.FromResult(torrents.Watch(slices, after)));

    /// <summary>The totals of all torrents since the store was created, removed ones included.</summary>
    public Task<TorrentTotals> GetTotalsAsync() => LoopExtensions.RunAsync(loop, torrents.GetTotalsAsync);

    /// <summary>
    /// Closes the listeners and stops all torrents with <see cref="Torrent.StopAsync"/>, within 10 seconds of the
    /// world's clock. Kept torrents start again with the next session.
    /// </summary>
    public async ValueTask DisposeAsync() => await loop.RunAsync(CloseAsync);

    private static async Task<Session> OpenAsync(IWorld world, SessionOptions options, CancellationToken stop)
    {
        var opened = options.ResumeStore is { } name ? await world.Stores.OpenAsync(name, stop) : null;
        var session = new Session(world, options, opened, stop);
        try
        {
            session.Listen();
            await session.torrents.RestoreAsync();
            _ = session.torrents.MaintainAsync();
        }
        catch
        {
            await session.CloseAsync();
            throw;
        }
        return session;
    }

    private void Listen()
    {
        acceptor.Listen(shared.Options.Listen);
        Listening = acceptor.Listening;
        shared.Port = Listening.Count > 0 ? Listening[0].Port : 0;
        shared.Trackers.Identity.ListenOn(shared.Port);
    }

    private async Task CloseAsync()
    {
        if (isDisposed)
        {
            return;
        }
        isDisposed = true;
        await acceptor.DisposeAsync();
        await Task.WhenAny(
            torrents.CloseAsync(),
            Task.Delay(EngineLimits.ShutdownTimeout, shared.World.Clock, CancellationToken.None)
        );
        stopping.Cancel();
        await shared.Trackers.DisposeAsync();
        if (store is not null)
        {
            await store.DisposeAsync();
        }
    }
}
