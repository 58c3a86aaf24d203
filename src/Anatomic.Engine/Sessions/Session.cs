using Anatomic.Engine.Torrents;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Sessions;

/// <summary>A running BitTorrent client: listeners, limits and torrents. Every member may be called from any thread.</summary>
public sealed class Session : IAsyncDisposable
{
    private Session() { }

    /// <summary>The addresses really bound, ports included.</summary>
    public IReadOnlyList<Endpoint> Listening => throw new NotSupportedException();

    /// <summary>The torrents, in the order in which they were added.</summary>
    public IReadOnlyList<Torrent> Torrents => throw new NotSupportedException();

    /// <exception cref="EngineException">An option is wrong.</exception>
    /// <exception cref="NetworkException">An address to listen on cannot be bound.</exception>
    public static Task<Session> StartAsync(IWorld world, SessionOptions options, CancellationToken stop) =>
        throw new NotSupportedException();

    /// <summary>Adds a torrent and starts it; returns before its data is checked.</summary>
    /// <exception cref="EngineException">The same info-hash is already there, or a file or peer in it makes no sense.</exception>
    public Task<Torrent> AddAsync(AddTorrent add, CancellationToken stop) => throw new NotSupportedException();

    /// <summary>Stops every torrent (<see cref="Torrent.StopAsync"/>), bounded to 10 seconds of the world's clock, and the listeners.</summary>
    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
