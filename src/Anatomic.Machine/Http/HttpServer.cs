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
/// An HTTP server: Kestrel without a host, configuration or logs. On Linux our own loops accept connections and answer
/// requests for the front, and Kestrel gets the other connections. Elsewhere, and behind TLS, the front answers inside
/// Kestrel's connection pipeline, before its HTTP layer.
/// </summary>
internal sealed class HttpServer : IRunningServer
{
    private readonly KestrelServer kestrel;
    private readonly ConnectionCounter kestrelConnections;
    private readonly EpollTransport? loops;

    private HttpServer(KestrelServer kestrel, ConnectionCounter counter, EpollTransport? loops, Endpoint local)
    {
        this.kestrel = kestrel;
        kestrelConnections = counter;
        this.loops = loops;
        Local = local;
    }

    public Endpoint Local { get; }

    public int Connections => kestrelConnections.Open + (loops?.Connections ?? 0);

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
            var front = server.Front is { } its ? new FrontInvoker(its, options.Unhandled) : null;
            var counter = new ConnectionCounter();
            var transport = CreateTransport(socket, server, front, options);
            var starting = new KestrelServer(
                Options.Create(
                    Configure(
                        server,
                        socket.LocalEndPoint!,
                        listen => AddMiddleware(listen, server, front, counter, options, transport is EpollTransport)
                    )
                ),
                transport,
                NullLoggerFactory.Instance
            );
            try
            {
                await starting
                    .StartAsync(new HttpApplication(server, front, options.Unhandled), stop)
                    .ConfigureAwait(false);
                return new HttpServer(starting, counter, transport as EpollTransport, local);
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
        using var timeout = new CancellationTokenSource(MachineLimits.StopTimeout);
        await kestrel.StopAsync(timeout.Token).ConfigureAwait(false);
        kestrel.Dispose();
    }

    private static IConnectionListenerFactory CreateTransport(
        Socket socket,
        HttpServerOptions server,
        FrontInvoker? front,
        MachineOptions options
    )
    {
        if (front is not null && !options.Portable && LinuxCalls.AreAvailable)
        {
            var connections = new SocketConnectionContextFactory(
                new SocketConnectionFactoryOptions(),
                NullLogger.Instance
            );
            return new EpollTransport(socket, server, front, options, connections);
        }
        var settings = new SocketTransportOptions
        {
            Backlog = MachineLimits.ListenBacklog,
            // Kestrel's default would be a dual-stack IPv6 socket, and a server of each family could not share the
            // port.
            CreateBoundListenSocket = _ => socket,
        };
        return new SocketTransportFactory(Options.Create(settings), NullLoggerFactory.Instance);
    }

    private static KestrelServerOptions Configure(HttpServerOptions server, EndPoint at, Action<ListenOptions> build)
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
            options.Listen(address, build);
        }
        else
        {
            options.ListenUnixSocket(server.UnixPath!, build);
        }
        return options;
    }

    /// <summary>
    /// Sets up what a connection passes through: the PROXY header, TLS, the front, and then Kestrel's HTTP.
    /// </summary>
    private static void AddMiddleware(
        ListenOptions listen,
        HttpServerOptions server,
        FrontInvoker? front,
        ConnectionCounter counter,
        MachineOptions machine,
        bool transportReadsProxyHeaders
    )
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection => counter.RunAsync(connection, next));
        if (!transportReadsProxyHeaders && machine.ProxyProtocol != ProxyProtocolSources.None)
        {
            listen.Use(next => connection => ProxyProtocolMiddleware.RunAsync(connection, machine.ProxyProtocol, next));
        }
        if (machine.Certificate is { } certificate)
        {
            listen.Use(next => connection => TlsMiddleware.RunAsync(connection, certificate, next));
        }
        if (front is not null)
        {
            // The middleware above has told TLS apart.
            var validator = new RequestHeadValidator(server.MaxBodyBytes);
            var protocol = new HttpConnectionProtocol(front, validator, detectsTls: false);
            listen.Use(next => connection => FrontMiddleware.RunAsync(connection, protocol, next));
        }
    }
}
