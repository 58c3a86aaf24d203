using System.Net;
using Anatomic.Wire;

namespace Anatomic.World;

/// <summary>
/// The network as a host sees it. Failures are <see cref="NetworkException"/> with a sentence that tells a person what to do.
/// </summary>
public interface INetwork
{
    /// <summary>The addresses of a name, or the address itself when it is written as one; never empty.</summary>
    ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken stop);

    /// <summary>A TCP connection. The caller bounds the wait with <paramref name="stop"/>.</summary>
    ValueTask<IConnection> DialAsync(Endpoint to, CancellationToken stop);

    /// <summary>Listens for TCP connections; port 0 takes a free one.</summary>
    IListener Listen(Endpoint at);

    /// <summary>A datagram socket for a client (UDP trackers, later uTP and the DHT); port 0 takes a free one.</summary>
    IDatagramSocket Bind(Endpoint at);

    /// <summary>A datagram server: the machine owns the socket loops and calls <paramref name="handler"/>.</summary>
    IRunningServer ServeDatagrams(Endpoint at, IDatagramHandler handler);

    /// <summary>An HTTP server: announces go to the front, everything else to the handler.</summary>
    ValueTask<IRunningServer> ServeHttpAsync(HttpServerOptions server, CancellationToken stop);
}

/// <summary>The dial, the name or the address could not be used; the message says what, for a person.</summary>
public sealed class NetworkException(string message, Exception? cause = null) : IOException(message, cause);

/// <summary>A connected byte stream. One receive and one send may be under way at once.</summary>
public interface IConnection : IAsyncDisposable
{
    Endpoint Local { get; }
    Endpoint Remote { get; }

    /// <summary>At least 1 byte, or 0 when the other side has ended. Throws <see cref="NetworkException"/> when it broke.</summary>
    ValueTask<int> ReceiveAsync(Memory<byte> into, CancellationToken stop);

    /// <summary>Sends everything, or throws <see cref="NetworkException"/>.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop);

    /// <summary>Sends the parts one after the other in as few system calls as the machine allows.</summary>
    ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken stop);
}

public interface IListener : IAsyncDisposable
{
    /// <summary>The address really bound, port included.</summary>
    Endpoint Local { get; }

    ValueTask<IConnection> AcceptAsync(CancellationToken stop);
}

public interface IDatagramSocket : IAsyncDisposable
{
    Endpoint Local { get; }
    ValueTask SendAsync(Endpoint to, ReadOnlyMemory<byte> datagram, CancellationToken stop);

    /// <summary>The next datagram; what is longer than <paramref name="into"/> is cut off.</summary>
    ValueTask<(int Length, Endpoint From)> ReceiveAsync(Memory<byte> into, CancellationToken stop);
}

/// <summary>A running server; disposing it stops taking requests and ends once those under way are answered.</summary>
public interface IRunningServer : IAsyncDisposable
{
    /// <summary>The address really bound, port included.</summary>
    Endpoint Local { get; }

    /// <summary>Connections open now; a server of datagrams has none. From any thread.</summary>
    int Connections => 0;

    /// <summary>
    /// Datagrams that the system has dropped since the start: those without one of the handler's forms, and those that found the queue
    /// full. 0 where the system does not say. It may begin anew after 2^32. From any thread.
    /// </summary>
    long Dropped => 0;
}
