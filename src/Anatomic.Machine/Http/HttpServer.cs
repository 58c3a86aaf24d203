using System.Net;
using System.Net.Sockets;
using Anatomic.Machine.Configuration;
using Anatomic.Machine.Http.Linux;
using Anatomic.Machine.Http.Requests;
using Anatomic.Machine.Network;
using Anatomic.Machine.Network.Linux;
using Anatomic.Wire;
using Anatomic.World;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Anatomic.Machine.Http;

/// <summary>
/// An HTTP server: Kestrel without a host, configuration or logs. Where the system has what they need, loops of our own accept
/// connections and answer announces, and Kestrel gets the others; elsewhere, and behind TLS, the front answers inside Kestrel's
/// pipeline, in front of its HTTP layer.
/// </summary>
internal sealed class HttpServer : IRunningServer
{
    private readonly KestrelServer kestrel;
    private readonly ConnectionCounter handed;
    private readonly EpollTransport? loops;

    private HttpServer(KestrelServer kestrel, ConnectionCounter handed, EpollTransport? loops, Endpoint local)
    {
        this.kestrel = kestrel;
        this.handed = handed;
        this.loops = loops;
        Local = local;
    }

    public Endpoint Local { get; }

    public int Connections => handed.Open + (loops?.Connections ?? 0);

    public static async Task<HttpServer> StartAsync(
        HttpServerOptions server,
        MachineOptions options,
        CancellationToken stop
    )
    {
        var socket = server.UnixPath is { } path ? UnixSocketListener.Bind(path) : Sockets.BindStream(server.At);
        try
        {
            var local = server.UnixPath is null ? Sockets.LocalOf(socket) : default;
            var count = new ConnectionCounter();
            var transport = TransportOver(socket, server, options);
            var starting = new KestrelServer(
                Options.Create(Configure(server, socket.LocalEndPoint!, count, options)),
                transport,
                NullLoggerFactory.Instance
            );
            try
            {
                await starting.StartAsync(new HttpApplication(server, options.Unhandled), stop).ConfigureAwait(false);
                return new HttpServer(starting, count, transport as EpollTransport, local);
            }
            catch
            {
                starting.Dispose();
                throw;
            }
        }
        catch (Exception cause)
            when (cause is (SocketException or AddressInUseException or IOException) and not NetworkException)
        {
            socket.Dispose();
            var socketError = cause as SocketException ?? new SocketException((int)SocketError.AddressAlreadyInUse);
            throw NetworkErrors.Listen(server.At, socketError);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(MachineLimits.StopTimeout);
        await kestrel.StopAsync(patience.Token).ConfigureAwait(false);
        kestrel.Dispose();
    }

    private static IConnectionListenerFactory TransportOver(
        Socket socket,
        HttpServerOptions server,
        MachineOptions options
    )
    {
        if (server.Front is { } front && !options.Portable && LinuxCalls.AreAvailable)
        {
            var connections = new SocketConnectionContextFactory(
                new SocketConnectionFactoryOptions(),
                NullLogger.Instance
            );
            return new EpollTransport(socket, server, new FrontInvoker(front, options.Unhandled), options, connections);
        }
        var settings = new SocketTransportOptions
        {
            Backlog = MachineLimits.ListenBacklog,
            // Kestrel's own would make a v6 socket that takes v4 too, so that the two could not share a port.
            CreateBoundListenSocket = _ => socket,
        };
        return new SocketTransportFactory(Options.Create(settings), NullLoggerFactory.Instance);
    }

    private static KestrelServerOptions Configure(
        HttpServerOptions server,
        EndPoint at,
        ConnectionCounter handed,
        MachineOptions machine
    )
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = MachineLimits.ServerConnections;
        options.Limits.MaxRequestBodySize = server.MaxBodyBytes;
        options.Limits.MaxRequestLineSize = MachineLimits.HeadBytes;
        options.Limits.MaxRequestHeadersTotalSize = MachineLimits.HeadBytes;
        options.Limits.RequestHeadersTimeout = MachineLimits.HeadTimeout;
        options.Limits.KeepAliveTimeout = MachineLimits.IdleTimeout;
        if (at is IPEndPoint address)
        {
            options.Listen(address, listen => Build(listen, server, handed, machine));
        }
        else
        {
            options.ListenUnixSocket(server.UnixPath!, listen => Build(listen, server, handed, machine));
        }
        return options;
    }

    /// <summary>What a connection passes through: the PROXY header, TLS, the front, and then Kestrel's HTTP.</summary>
    private static void Build(
        ListenOptions listen,
        HttpServerOptions server,
        ConnectionCounter handed,
        MachineOptions machine
    )
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection => handed.DuringAsync(connection, next));
        var ownLoops = server.Front is not null && !machine.Portable && LinuxCalls.AreAvailable;
        if (!ownLoops && machine.ProxyProtocol != ProxyProtocolSources.None)
        {
            listen.Use(next => connection => ProxyProtocolMiddleware.RunAsync(connection, machine.ProxyProtocol, next));
        }
        if (machine.Certificate is { } certificate)
        {
            listen.Use(next => connection => TlsMiddleware.RunAsync(connection, certificate, next));
        }
        if (server.Front is { } front)
        {
            var caller = new FrontInvoker(front, machine.Unhandled);
            var broken = new RequestHeadValidator(server.MaxBodyBytes);
            listen.Use(next => connection => FrontMiddleware.RunAsync(connection, caller, broken, next));
        }
    }
}
