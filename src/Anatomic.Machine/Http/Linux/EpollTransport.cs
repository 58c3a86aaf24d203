using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Anatomic.Machine.Configuration;
using Anatomic.Machine.Http.Requests;
using Anatomic.Machine.Http.Streams;
using Anatomic.Machine.Network.Linux;
using Anatomic.Wire;
using Anatomic.World;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Anatomic.Machine.Http.Linux;

/// <summary>
/// A transport of Kestrel whose loops answer announces themselves. Kestrel gets only the connections with other
/// requests, each with the bytes that were received and not answered.
/// </summary>
internal sealed class EpollTransport : IConnectionListenerFactory, IConnectionListener
{
    private readonly HandoffQueue handoffs = new();
    private readonly SocketConnectionContextFactory connections;
    private readonly List<EpollLoop> loops = [];
    private readonly Socket listener;
    private readonly string? unixPath;
    private readonly int wake;
    private Task? stopping;

    /// <param name="listener">Bound; listening begins here.</param>
    /// <exception cref="NetworkException">The loops cannot be set up.</exception>
    public EpollTransport(
        Socket listener,
        HttpServerOptions server,
        FrontInvoker front,
        MachineOptions options,
        SocketConnectionContextFactory connections
    )
    {
        this.listener = listener;
        this.connections = connections;
        unixPath = server.UnixPath;
        EndPoint = listener.LocalEndPoint!;
        Prepare(listener, isUnix: unixPath is not null);
        wake = LinuxCalls.Event(0, LinuxCalls.EventCloseOnExec);
        if (wake < 0)
        {
            var cause = new Win32Exception(Marshal.GetLastPInvokeError());
            throw new NetworkException($"{EndPoint} cannot be served: {cause.Message}", cause);
        }
        var shared = new EpollTransportOptions(
            front,
            new HttpConnectionProtocol(
                front,
                new RequestHeadValidator(server.MaxBodyBytes),
                detectsTls: options.Certificate is not null
            ),
            handoffs,
            options.ProxyProtocol,
            IsUnix: unixPath is not null
        );
        var maxConnections = Math.Max(1, MachineLimits.ServerConnections / options.Loops);
        var name = unixPath is null ? $"http {((IPEndPoint)EndPoint).Port}" : "http unix";
        for (var i = 0; i < options.Loops; i++)
        {
            loops.Add(new EpollLoop(shared, listener, wake, maxConnections, name));
        }
    }

    public EndPoint EndPoint { get; }

    /// <summary>The number of open connections without those that Kestrel has; can be read from any thread.</summary>
    public int Connections => loops.Sum(loop => loop.Connections);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        loops.ForEach(loop => loop.Start());
        return ValueTask.FromResult<IConnectionListener>(this);
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await handoffs.DequeueAsync(cancellationToken).ConfigureAwait(false) is { } next)
        {
            try
            {
                var connection = connections.Create(next.Socket);
                connection.Transport = new PrefixedPipe(next.Unread, connection.Transport);
                connection.RemoteEndPoint =
                    unixPath is not null && next.ClientAddress == default ? null : next.ClientAddress.ToIPEndPoint();
                return connection;
            }
            catch (SocketException)
            {
                // The client has disconnected meanwhile.
                next.Socket.Dispose();
            }
        }
        return null;
    }

    /// <summary>Stops accepting, sends the replies under way, and closes the connections.</summary>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default) =>
        await (stopping ??= Task.Run(Stop, CancellationToken.None)).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync().ConfigureAwait(false);
        handoffs.Clear();
        connections.Dispose();
    }

    private unsafe void Stop()
    {
        // No loop reads it, so it stays readable until each has seen it.
        var one = 1UL;
        Invariant.Holds(LinuxCalls.Write(wake, &one, sizeof(ulong)) == sizeof(ulong), "an eventfd takes a 1");
        loops.ForEach(loop => loop.Dispose());
        _ = LinuxCalls.Close(wake);
        listener.Dispose();
        handoffs.End();
    }

    private static void Prepare(Socket listener, bool isUnix)
    {
        if (!isUnix)
        {
            // Connections inherit it: a reply is sent at once, even when an earlier one is not acknowledged.
            listener.NoDelay = true;
            // Connections are accepted once their first request has arrived.
            var seconds = (int)MachineLimits.HeadTimeout.TotalSeconds;
            listener.SetRawSocketOption(
                StreamCalls.TcpLevel,
                StreamCalls.DeferAccept,
                MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in seconds))
            );
        }
        listener.Blocking = false;
        listener.Listen(MachineLimits.ListenBacklog);
    }
}
