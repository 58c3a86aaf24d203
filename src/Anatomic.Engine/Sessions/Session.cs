using System.Text;
using Anatomic.Engine.Peers;
using Anatomic.Engine.Resume;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Torrents;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Sessions;

/// <summary>
/// A running BitTorrent client: its listeners, limits and torrents. Every member may be called from any thread.
/// </summary>
public sealed class Session : IAsyncDisposable
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    private readonly SharedResources shared;
    private readonly ILoop loop;
    private readonly CancellationTokenSource stopping;
    private readonly List<IListener> listeners = [];
    private readonly List<TorrentCore> cores = [];
    private readonly Dictionary<Hash20, TorrentCore> bySwarm = [];
    private readonly HashSet<ILoop> ticking = [];
    private volatile IReadOnlyList<Torrent> torrents = [];
    private int nextLoop;
    private int pendingHandshakes;
    private bool isDisposed;

    private Session(SharedResources shared, CancellationToken stop)
    {
        this.shared = shared;
        loop = shared.World.Loops.All[0];
        stopping = CancellationTokenSource.CreateLinkedTokenSource(stop);
    }

    /// <summary>The bound addresses, with their actual ports.</summary>
    public IReadOnlyList<Endpoint> Listening { get; private set; } = [];

    /// <summary>
    /// The torrents in the order they were added. Ended torrents are removed when the next one is added.
    /// </summary>
    public IReadOnlyList<Torrent> Torrents => torrents;

    /// <summary>Validates the options, opens the resume store, and starts to listen.</summary>
    /// <param name="world">The network, disk, clock and other resources to use.</param>
    /// <param name="stop">
    /// Ends the session at once. <see cref="DisposeAsync"/> stops its torrents properly instead.
    /// </param>
    /// <exception cref="EngineException">An option is invalid.</exception>
    /// <exception cref="NetworkException">An address cannot be bound.</exception>
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
    public Task<Torrent> AddAsync(AddTorrent add, CancellationToken stop)
    {
        if ((add.Metainfo is null) == (add.Magnet is null))
        {
            throw new EngineException(
                "A torrent is added from its metainfo or from a magnet link; give exactly one of the two."
            );
        }
        if (add.Metainfo is { } known && add.Files?.Any(i => i < 0 || i >= known.Info.ContentFiles.Count) == true)
        {
            throw new EngineException(
                $"A file index is out of range; the torrent has the files 0 to {known.Info.ContentFiles.Count - 1}."
            );
        }
        if (add.Peers.FirstOrDefault(peer => !InitialPeers.IsValid(peer)) is { } invalid)
        {
            throw new EngineException(
                $"'{invalid}' is not a peer address. Write 1.2.3.4:6881, [::1]:6881 or host:6881."
            );
        }
        stop.ThrowIfCancellationRequested();
        return LoopExtensions.RunAsync(loop, () => Task.FromResult(Add(add)));
    }

    /// <summary>
    /// Closes the listeners and stops all torrents with <see cref="Torrent.StopAsync"/>, within 10 seconds of the
    /// world's clock.
    /// </summary>
    public async ValueTask DisposeAsync() => await loop.RunAsync(CloseAsync);

    private static async Task<Session> OpenAsync(IWorld world, SessionOptions options, CancellationToken stop)
    {
        var id = new byte[Hash20.Length];
        world.Entropy.Fork("peer id").Fill(id);
        Encoding.ASCII.GetBytes(options.PeerIdPrefix, id);
        var store = options.ResumeStore is { } name ? await world.Stores.OpenAsync(name, stop) : null;
        var session = new Session(
            new SharedResources(world, options, new Hash20(id))
            {
                Store = store,
                Resume = store is null ? null : new ResumeStore(store, world.Clock),
            },
            stop
        );
        try
        {
            session.Listen();
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
        foreach (var at in shared.Options.Listen)
        {
            listeners.Add(shared.World.Network.Listen(at));
        }
        Listening = [.. listeners.Select(listener => listener.Local)];
        shared.Port = listeners.Count > 0 ? listeners[0].Local.Port : 0;
        foreach (var listener in listeners)
        {
            _ = AcceptAllAsync(listener);
        }
    }

    private Torrent Add(AddTorrent add)
    {
        if (isDisposed)
        {
            throw new EngineException("The session has ended.");
        }
        var chosen = shared.World.Loops.All[nextLoop++ % shared.World.Loops.All.Count];
        var core = new TorrentCore(
            shared,
            add,
            chosen,
            CancellationTokenSource.CreateLinkedTokenSource(stopping.Token)
        );
        var swarms = core.SwarmIds.ToArray();
        foreach (var swarm in swarms)
        {
            if (bySwarm.TryGetValue(swarm, out var existing) && !existing.HasEnded)
            {
                throw new EngineException($"The session already has the torrent {swarm}.");
            }
        }
        foreach (var swarm in swarms)
        {
            bySwarm[swarm] = core;
        }
        cores.RemoveAll(other => other.HasEnded);
        cores.Add(core);
        torrents = [.. cores.Select(each => each.Handle)];
        if (ticking.Add(chosen))
        {
            _ = chosen.RunAsync(() => TickAllAsync(chosen));
        }
        _ = chosen.RunAsync(() => RunAsync(core));
        return core.Handle;
    }

    private static async Task RunAsync(TorrentCore core)
    {
        try
        {
            await core.StartAsync();
        }
        catch (OperationCanceledException)
        {
            // The torrent was stopped while it started.
        }
        catch (Exception failure)
        {
            core.Fail(failure.Message);
        }
    }

    /// <summary>Drives all torrents of a loop with one timer.</summary>
    private async Task TickAllAsync(ILoop ticked)
    {
        try
        {
            while (true)
            {
                await Task.Delay(TickInterval, shared.World.Clock, stopping.Token);
                var now = shared.Now;
                foreach (var torrent in torrents)
                {
                    torrent.Tick(ticked, now);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The session ends.
        }
    }

    private async Task AcceptAllAsync(IListener listener)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var connection = await listener.AcceptAsync(stopping.Token);
                if (pendingHandshakes >= EngineLimits.MaxPendingHandshakes || shared.Connections.Available == 0)
                {
                    await connection.DisposeAsync();
                    continue;
                }
                pendingHandshakes++;
                _ = AcceptAsync(connection);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (NetworkException)
            {
                // The connection failed while it was accepted, or no file descriptor is free at the moment.
                await Task.Delay(TickInterval, shared.World.Clock, CancellationToken.None);
            }
        }
    }

    /// <summary>Reads the handshake and passes the connection to its torrent's loop.</summary>
    private async Task AcceptAsync(IConnection connection)
    {
        try
        {
            using var timer = new CancellationTokenSource(EngineLimits.HandshakeTimeout, shared.World.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stopping.Token);
            var handshake = await HandshakeReader.ReadAsync(connection, either.Token);
            if (Find(handshake.InfoHash) is { } core)
            {
                _ = core.Loop.RunAsync(() => core.AcceptAsync(connection, handshake));
                return;
            }
        }
        catch (Exception failure) when (failure is NetworkException or OperationCanceledException)
        {
            // Not a BitTorrent peer, or too slow.
        }
        finally
        {
            pendingHandshakes--;
        }
        await connection.DisposeAsync();
    }

    /// <summary>
    /// Also searches the torrents themselves: the second info-hash of a magnet link is known only with its metadata.
    /// </summary>
    private TorrentCore? Find(Hash20 swarm) =>
        bySwarm.TryGetValue(swarm, out var core) ? core : cores.Find(other => other.SwarmIds.Contains(swarm));

    private async Task CloseAsync()
    {
        if (isDisposed)
        {
            return;
        }
        isDisposed = true;
        foreach (var listener in listeners)
        {
            await listener.DisposeAsync();
        }
        var ends = Task.WhenAll(torrents.Select(torrent => torrent.StopAsync()));
        await Task.WhenAny(ends, Task.Delay(EngineLimits.ShutdownTimeout, shared.World.Clock, CancellationToken.None));
        stopping.Cancel();
        if (shared.Store is { } store)
        {
            await store.DisposeAsync();
        }
    }
}
