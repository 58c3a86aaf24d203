using System.Buffers;
using System.Net;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;
using Anatomic.Wire.Proxies;
using Microsoft.AspNetCore.Connections;

namespace Anatomic.Machine.Http;

/// <summary>Reads the PROXY header of a trusted proxy's connection, where the transport has not.</summary>
internal static class ProxyProtocolMiddleware
{
    public static async Task RunAsync(
        ConnectionContext connection,
        ProxyProtocolSources proxies,
        ConnectionDelegate next
    )
    {
        var from = connection.RemoteEndPoint is IPEndPoint remote ? Endpoint.From(remote) : default;
        var isExpected = proxies.Contains(from, isUnix: connection.RemoteEndPoint is not IPEndPoint);
        if (!isExpected || await TryReadAsync(connection).ConfigureAwait(false))
        {
            await next(connection).ConfigureAwait(false);
        }
    }

    private static async ValueTask<bool> TryReadAsync(ConnectionContext connection)
    {
        var deadline = new ConnectionDeadline(connection);
        var input = connection.Transport.Input;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync().ConfigureAwait(false);
                var result = Read(read.Buffer, out var length, out var client);
                if (result == ProxyHeaderResult.Complete)
                {
                    connection.RemoteEndPoint = client?.ToIPEndPoint() ?? connection.RemoteEndPoint;
                    input.AdvanceTo(read.Buffer.GetPosition(length));
                    deadline.Lift();
                    return true;
                }
                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (result == ProxyHeaderResult.Invalid || read.IsCompleted)
                {
                    return false;
                }
            }
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The proxy disconnected, or the deadline passed.
            return false;
        }
    }

    private static ProxyHeaderResult Read(ReadOnlySequence<byte> buffer, out int length, out Endpoint? client)
    {
        Span<byte> start = stackalloc byte[ProxyHeader.MaxBinaryBytes];
        start = start[..(int)Math.Min(buffer.Length, start.Length)];
        buffer.Slice(0, start.Length).CopyTo(start);
        return ProxyHeader.Read(start, out length, out client, out _);
    }
}
