using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Connections;

/// <summary>
/// Listens for peers, exchanges handshakes, and passes each connection to its torrent. Runs on the loop that created
/// it.
/// </summary>
internal sealed class PeerAcceptor(
    IWorld world,
    ITorrentDirectory torrents,
    IReadOnlyList<BanList> bans,
    Func<DateTimeOffset> now,
    CancellationToken stop
) : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly List<IListener> listeners = [];
    private readonly PendingHandshakes<CancellationTokenSource> pending = new(EngineLimits.MaxPendingHandshakes);

    /// <summary>The bound addresses, with their actual ports.</summary>
    public IReadOnlyList<Endpoint> Listening => [.. listeners.Select(listener => listener.Local)];

    /// <summary>Starts to listen at each address.</summary>
    /// <exception cref="NetworkException">An address cannot be bound.</exception>
    public void Listen(IEnumerable<Endpoint> addresses)
    {
        foreach (var address in addresses)
        {
            listeners.Add(world.Network.Listen(address));
        }
        foreach (var listener in listeners)
        {
            _ = AcceptAllAsync(listener);
        }
    }

    /// <summary>Closes the listeners; connections that were passed to their torrents stay open.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var listener in listeners)
        {
            await listener.DisposeAsync();
        }
    }

    private async Task AcceptAllAsync(IListener listener)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                _ = GuardAsync(await listener.AcceptAsync(stop));
                // A flood of connections must not hold the loop.
                await Task.Yield();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (NetworkException)
            {
                // The connection failed while it was accepted, or no file descriptor is free at the moment.
                await Task.Delay(RetryDelay, world.Clock, CancellationToken.None);
            }
        }
    }

    /// <summary>Closes the connection unless a torrent took it; a failure ends this connection only.</summary>
    private async Task GuardAsync(IConnection connection)
    {
        var isTaken = false;
        try
        {
            var present = now();
            isTaken = !bans.Any(list => list.IsBanned(connection.Remote, present)) && await AcceptAsync(connection);
        }
        catch (Exception failure) when (failure is NetworkException or OperationCanceledException)
        {
            // Not a BitTorrent peer, too slow, or given way to another one.
        }
        catch (Exception bug)
        {
            world.EventLog.WriteException(bug);
        }
        if (!isTaken)
        {
            await connection.DisposeAsync();
        }
    }

    private async Task<bool> AcceptAsync(IConnection connection)
    {
        using var timer = new CancellationTokenSource(EngineLimits.HandshakeTimeout, world.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stop);
        pending.Add(either, connection.Remote)?.Cancel();
        try
        {
            var reader = new HandshakeReader(connection);
            var head = await reader.ReadHeadAsync(either.Token);
            if (await torrents.FindAsync(head.InfoHash) is not { } torrent)
            {
                return false;
            }
            var answer = await LoopExtensions.RunAsync(
                torrent.Loop,
                () => Task.FromResult(torrent.Answer(connection.Remote, head))
            );
            if (answer is not { } local)
            {
                return false;
            }
            var bytes = new byte[PeerLimits.HandshakeBytes];
            local.Write(bytes);
            await connection.SendAsync(bytes, either.Token);
            var remote = await reader.ReadAllAsync(either.Token) with { InfoHash = local.InfoHash };
            torrent.Loop.Post(() => torrent.Accept(new EstablishedConnection(connection, remote)));
            return true;
        }
        finally
        {
            pending.Remove(either);
        }
    }
}
