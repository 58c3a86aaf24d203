using System.Net;
using Anatomic.Wire;

namespace Anatomic.World;

/// <summary>
/// The network as seen by a host. Failures are <see cref="NetworkException"/> with a message for the user.
/// </summary>
public interface INetwork
{
    /// <summary>Resolves a host name. A literal address resolves to itself. The result is never empty.</summary>
    ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken stop);

    /// <summary>Opens a TCP connection; <paramref name="stop"/> limits the wait.</summary>
    ValueTask<IConnection> DialAsync(Endpoint to, CancellationToken stop);

    /// <summary>Listens for TCP connections; port 0 chooses a free port.</summary>
    IListener Listen(Endpoint at);

    /// <summary>
    /// Opens a datagram port; port 0 chooses a free port. What arrives goes to <paramref name="handler"/> on
    /// <paramref name="loop"/>.
    /// </summary>
    IDatagramPort OpenDatagramPort(Endpoint at, ILoop loop, IDatagramPortHandler handler);

    /// <summary>
    /// Starts a datagram server: the machine runs the socket loops and calls <paramref name="handler"/>.
    /// </summary>
    IRunningServer ServeDatagrams(Endpoint at, IDatagramHandler handler);

    /// <summary>Starts an HTTP server: announces go to the front end, everything else to the handler.</summary>
    ValueTask<IRunningServer> ServeHttpAsync(HttpServerOptions server, CancellationToken stop);
}

/// <summary>A connection, a host name or an address could not be used; the message tells the user why.</summary>
public sealed class NetworkException(string message, Exception? cause = null) : IOException(message, cause);

/// <summary>A TCP connection. One receive and one send may run at the same time.</summary>
public interface IConnection : IAsyncDisposable
{
    Endpoint Local { get; }
    Endpoint Remote { get; }

    /// <summary>
    /// Receives at least 1 byte, or 0 when the other side has closed. Throws <see cref="NetworkException"/> when the
    /// connection broke.
    /// </summary>
    ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken stop);

    /// <summary>Sends all bytes, or throws <see cref="NetworkException"/>.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop);

    /// <summary>Sends the parts one after the other, in as few system calls as possible.</summary>
    ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken stop);
}

public interface IListener : IAsyncDisposable
{
    /// <summary>The bound address, with the actual port.</summary>
    Endpoint Local { get; }

    ValueTask<IConnection> AcceptAsync(CancellationToken stop);
}

/// <summary>A running server. Disposing it stops accepting requests and waits for those in progress.</summary>
public interface IRunningServer : IAsyncDisposable
{
    /// <summary>The bound address, with the actual port.</summary>
    Endpoint Local { get; }

    /// <summary>Open connections; 0 for datagram servers. May be called from any thread.</summary>
    int Connections => 0;

    /// <summary>
    /// Datagrams dropped by the system since the start because they matched none of the handler's patterns or found the
    /// queue full. 0 on systems that do not count them. Wraps around at 2^32. May be called from any thread.
    /// </summary>
    long Dropped => 0;
}
