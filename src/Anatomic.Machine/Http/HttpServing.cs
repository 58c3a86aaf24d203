using System.Net.Sockets;
using Anatomic.Machine.Network;
using Anatomic.Wire;
using Anatomic.World;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Anatomic.Machine.Http;

/// <summary>
/// An HTTP server: Kestrel without a host, configuration or logs, and in front of its HTTP layer the request front, which
/// answers on the connection itself as long as the requests are its own.
/// </summary>
internal sealed class HttpServing : IServing
{
    private readonly KestrelServer kestrel;
    private readonly ConnectionCount connections;

    private HttpServing(KestrelServer kestrel, ConnectionCount connections, Endpoint local)
    {
        this.kestrel = kestrel;
        this.connections = connections;
        Local = local;
    }

    public Endpoint Local { get; }

    public int Connections => connections.Open;

    public static async Task<HttpServing> StartAsync(
        RequestServer server,
        Action<Exception> unhandled,
        CancellationToken stop
    )
    {
        var local = server.At;
        var counted = new ConnectionCount();
        var transport = new SocketTransportFactory(
            Options.Create(
                new SocketTransportOptions
                {
                    Backlog = MachineLimits.ListenBacklog,
                    // Kestrel's own would make a v6 socket that takes v4 too, so that the two could not share a port.
                    CreateBoundListenSocket = _ =>
                    {
                        var socket = Sockets.BindStream(server.At);
                        local = Sockets.LocalOf(socket);
                        return socket;
                    },
                }
            ),
            NullLoggerFactory.Instance
        );
        var starting = new KestrelServer(
            Options.Create(Configure(server, counted, unhandled)),
            transport,
            NullLoggerFactory.Instance
        );
        try
        {
            await starting.StartAsync(new HttpApplication(server, unhandled), stop).ConfigureAwait(false);
        }
        catch (Exception cause)
            when (cause is (SocketException or InvalidOperationException or IOException) and not NetworkException)
        {
            starting.Dispose();
            var socketError = cause as SocketException ?? new SocketException((int)SocketError.AddressAlreadyInUse);
            throw NetworkSentences.Listen(server.At, socketError);
        }
        catch
        {
            starting.Dispose();
            throw;
        }
        return new HttpServing(starting, counted, local);
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(MachineLimits.StopTimeout);
        await kestrel.StopAsync(patience.Token).ConfigureAwait(false);
        kestrel.Dispose();
    }

    private static KestrelServerOptions Configure(
        RequestServer server,
        ConnectionCount counted,
        Action<Exception> unhandled
    )
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = MachineLimits.ServerConnections;
        options.Limits.MaxRequestBodySize = server.MaxBodyBytes;
        options.Limits.MaxRequestLineSize = MachineLimits.HeadBytes;
        options.Limits.MaxRequestHeadersTotalSize = MachineLimits.HeadBytes;
        options.Limits.RequestHeadersTimeout = MachineLimits.HeadTimeout;
        options.Limits.KeepAliveTimeout = MachineLimits.IdleTimeout;
        options.Listen(
            server.At.ToIPEndPoint(),
            listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection => counted.DuringAsync(connection, next));
                if (server.Front is { } front)
                {
                    listen.Use(next => connection => FrontConnection.RunAsync(connection, front, unhandled, next));
                }
            }
        );
        return options;
    }
}
