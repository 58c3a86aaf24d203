using System.Text;
using Anatomic.Engine.Peers;
using Anatomic.Engine.Resume;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Torrents;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Sessions;

/// <summary>A running BitTorrent client: listeners, limits and torrents. Every member may be called from any thread.</summary>
public sealed class Session : IAsyncDisposable
{
    private static readonly TimeSpan TickTime = TimeSpan.FromSeconds(1);

    private readonly SharedResources share;
    private readonly ILoop loop;
    private readonly CancellationTokenSource stopping;
    private readonly List<IListener> listeners = [];
    private readonly List<TorrentCore> cores = [];
    private readonly Dictionary<Hash20, TorrentCore> bySwarm = [];
    private readonly HashSet<ILoop> ticking = [];
    private volatile IReadOnlyList<Torrent> torrents = [];
    private int nextLoop;
    private int unknown;
    private bool isDisposed;

    private Session(SharedResources share, CancellationToken stop)
    {
        this.share = share;
        loop = share.World.Loops.All[0];
        stopping = CancellationTokenSource.CreateLinkedTokenSource(stop);
    }

    /// <summary>The addresses really bound, ports included.</summary>
    public IReadOnlyList<Endpoint> Listening { get; private set; } = [];

    /// <summary>The torrents, in the order in which they were added; those that have ended leave with the next one added.</summary>
    public IReadOnlyList<Torrent> Torrents => torrents;

    /// <param name="world">Where it runs.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="stop">Ends the session's work at once; <see cref="DisposeAsync"/> ends it with farewells.</param>
    /// <exception cref="EngineException">An option is wrong.</exception>
    /// <exception cref="NetworkException">An address to listen on cannot be bound.</exception>
    public static Task<Session> StartAsync(IWorld world, SessionOptions options, CancellationToken stop)
    {
        var faults = options.Faults();
        if (faults.Count > 0)
        {
            throw new EngineException($"The session cannot start: {string.Join("; ", faults)}.");
        }
        return LoopExtensions.RunAsync(world.Loops.All[0], () => OpenAsync(world, options, stop));
    }

    /// <summary>Adds a torrent and starts it; returns before its data is checked.</summary>
    /// <exception cref="EngineException">The same info-hash is already there, or what is asked for makes no sense.</exception>
    public Task<Torrent> AddAsync(AddTorrent add, CancellationToken stop)
    {
        if ((add.Metainfo is null) == (add.Magnet is null))
        {
            throw new EngineException(
                "A torrent is added by its metainfo or by a magnet link: exactly one of the two."
            );
        }
        if (add.Metainfo is { } known && add.Files?.Any(i => i < 0 || i >= known.Info.ContentFiles.Count) == true)
        {
            throw new EngineException($"The torrent has the files 0 to {known.Info.ContentFiles.Count - 1}.");
        }
        if (add.Peers.FirstOrDefault(peer => !InitialPeers.CanRead(peer)) is { } unreadable)
        {
            throw new EngineException(
                $"'{unreadable}' is no peer's address: write 1.2.3.4:6881, [::1]:6881 or host:6881."
            );
        }
        stop.ThrowIfCancellationRequested();
        return LoopExtensions.RunAsync(loop, () => Task.FromResult(Add(add)));
    }

    /// <summary>Stops every torrent (<see cref="Torrent.StopAsync"/>), bounded to 10 seconds of the world's clock, and the listeners.</summary>
    public async ValueTask DisposeAsync() => await loop.RunAsync(CloseAsync);

    private static async Task<Session> OpenAsync(IWorld world, SessionOptions options, CancellationToken stop)
    {
        var id = new byte[Hash20.Length];
        world.Entropy.Fork("peer id").Fill(id);
        Encoding.ASCII.GetBytes(options.PeerIdPrefix, id);
        var resume = options.ResumeStore is { } name ? await ResumeStore.OpenAsync(world.Stores, name, stop) : null;
        var session = new Session(new SharedResources(world, options, new Hash20(id)) { Resume = resume }, stop);
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
        foreach (var at in share.Options.Listen)
        {
            listeners.Add(share.World.Network.Listen(at));
        }
        Listening = [.. listeners.Select(listener => listener.Local)];
        share.Port = listeners.Count > 0 ? listeners[0].Local.Port : 0;
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
        var chosen = share.World.Loops.All[nextLoop++ % share.World.Loops.All.Count];
        var core = new TorrentCore(share, add, chosen, CancellationTokenSource.CreateLinkedTokenSource(stopping.Token));
        var swarms = core.Swarms.ToArray();
        foreach (var swarm in swarms)
        {
            if (bySwarm.TryGetValue(swarm, out var there) && !there.HasEnded)
            {
                throw new EngineException($"The torrent {swarm} is already there.");
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
            // It was stopped while it started.
        }
        catch (Exception broken)
        {
            core.Fail(broken.Message);
        }
    }

    /// <summary>One timer a loop moves all of its torrents.</summary>
    private async Task TickAllAsync(ILoop ticked)
    {
        try
        {
            while (true)
            {
                await Task.Delay(TickTime, share.World.Clock, stopping.Token);
                var now = share.Now;
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
                if (unknown >= EngineLimits.MaxPendingHandshakes || share.Connections.Left == 0)
                {
                    await connection.DisposeAsync();
                    continue;
                }
                unknown++;
                _ = TakeAsync(connection);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (NetworkException)
            {
                // One connection broke while it came in, or files are used up for the moment.
                await Task.Delay(TickTime, share.World.Clock, CancellationToken.None);
            }
        }
    }

    /// <summary>Reads whom the connection is for, and hands it to that torrent's loop.</summary>
    private async Task TakeAsync(IConnection connection)
    {
        try
        {
            using var timer = new CancellationTokenSource(EngineLimits.HandshakeTimeout, share.World.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stopping.Token);
            var handshake = await HandshakeReader.ReadAsync(connection, either.Token);
            if (Find(handshake.InfoHash) is { } core)
            {
                _ = core.Loop.RunAsync(() => core.AcceptAsync(connection, handshake));
                return;
            }
        }
        catch (Exception gone) when (gone is NetworkException or OperationCanceledException)
        {
            // Nobody that speaks BitTorrent, or too slowly.
        }
        finally
        {
            unknown--;
        }
        await connection.DisposeAsync();
    }

    /// <summary>A magnet's second id is only known once its metadata is.</summary>
    private TorrentCore? Find(Hash20 swarm) =>
        bySwarm.TryGetValue(swarm, out var core) ? core : cores.Find(other => other.Swarms.Contains(swarm));

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
        await Task.WhenAny(ends, Task.Delay(EngineLimits.ShutdownTimeout, share.World.Clock, CancellationToken.None));
        stopping.Cancel();
        if (share.Resume is { } resume)
        {
            await resume.DisposeAsync();
        }
    }
}
