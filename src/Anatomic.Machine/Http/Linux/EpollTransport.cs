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
/// The transport under Kestrel whose loops answer announces themselves: Kestrel gets only the connections that have asked for
/// something else, each with what was read of it.
/// </summary>
internal sealed class EpollTransport : IConnectionListenerFactory, IConnectionListener
{
    private readonly HandOver others = new();
    private readonly SocketConnectionContextFactory connections;
    private readonly List<EpollLoop> loops = [];
    private readonly Socket listener;
    private readonly string? unixPath;
    private readonly int wake;
    private Task? ending;

    /// <param name="listener">Bound; listening begins here.</param>
    /// <param name="server">Whose front answers.</param>
    /// <param name="options">How many loops, and who is believed about addresses.</param>
    /// <exception cref="NetworkException">The system lacks what the loops need.</exception>
    public EpollTransport(
        Socket listener,
        HttpServerOptions server,
        FrontInvoker caller,
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
        var setup = new EpollTransportOptions(
            caller,
            new RequestHeadValidator(server.MaxBodyBytes),
            others,
            SpeaksTls: options.Certificate is not null,
            options.ProxyProtocol,
            IsUnix: unixPath is not null
        );
        var most = Math.Max(1, MachineLimits.ServerConnections / options.Loops);
        var name = unixPath is null ? $"http {((IPEndPoint)EndPoint).Port}" : "http unix";
        for (var i = 0; i < options.Loops; i++)
        {
            loops.Add(new EpollLoop(setup, listener, wake, most, name));
        }
    }

    public EndPoint EndPoint { get; }

    /// <summary>Open now, those that went on to Kestrel not counted; from any thread.</summary>
    public int Connections => loops.Sum(loop => loop.Connections);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        loops.ForEach(loop => loop.Start());
        return ValueTask.FromResult<IConnectionListener>(this);
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await others.TakeAsync(cancellationToken).ConfigureAwait(false) is { } next)
        {
            try
            {
                var connection = connections.Create(next.Socket);
                connection.Transport = new PrefixedPipe(next.Read, connection.Transport);
                connection.RemoteEndPoint =
                    unixPath is not null && next.From == default ? null : next.From.ToIPEndPoint();
                return connection;
            }
            catch (SocketException)
            {
                // The client has gone meanwhile.
                next.Socket.Dispose();
            }
        }
        return null;
    }

    /// <summary>Takes no more connections and ends those that are idle; replies under way are sent.</summary>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default) =>
        await (ending ??= Task.Run(End, CancellationToken.None)).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync().ConfigureAwait(false);
        others.Drop();
        connections.Dispose();
    }

    private unsafe void End()
    {
        // Never read, so it stays readable until every loop has seen it.
        var one = 1UL;
        Invariant.Holds(LinuxCalls.Write(wake, &one, sizeof(ulong)) == sizeof(ulong), "an eventfd takes a 1");
        loops.ForEach(loop => loop.Dispose());
        _ = LinuxCalls.Close(wake);
        listener.Dispose();
        others.End();
    }

    private static void Prepare(Socket listener, bool isUnix)
    {
        if (!isUnix)
        {
            // Connections inherit it: a reply goes out at once, whatever was sent before.
            listener.NoDelay = true;
            // Who says nothing need not be accepted yet; a request is then there when its connection is.
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
