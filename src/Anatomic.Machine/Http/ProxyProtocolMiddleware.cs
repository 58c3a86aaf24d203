using System.Buffers;
using System.Net;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;
using Anatomic.Wire.Proxies;
using Microsoft.AspNetCore.Connections;

namespace Anatomic.Machine.Http;

/// <summary>Takes the PROXY header off a connection of a named proxy, where no loop of ours did.</summary>
internal static class ProxyProtocolMiddleware
{
    public static async Task RunAsync(
        ConnectionContext connection,
        ProxyProtocolSources proxies,
        ConnectionDelegate next
    )
    {
        var from = connection.RemoteEndPoint is IPEndPoint remote ? Endpoint.From(remote) : default;
        var owes = proxies.Has(from, isUnix: connection.RemoteEndPoint is not IPEndPoint);
        if (!owes || await TryTakeAsync(connection).ConfigureAwait(false))
        {
            await next(connection).ConfigureAwait(false);
        }
    }

    private static async ValueTask<bool> TryTakeAsync(ConnectionContext connection)
    {
        var deadline = new ConnectionDeadline(connection);
        var input = connection.Transport.Input;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync().ConfigureAwait(false);
                var scan = Scan(read.Buffer, out var length, out var client);
                if (scan == ProxyHeaderResult.Complete)
                {
                    connection.RemoteEndPoint = client?.ToIPEndPoint() ?? connection.RemoteEndPoint;
                    input.AdvanceTo(read.Buffer.GetPosition(length));
                    deadline.Lift();
                    return true;
                }
                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                if (scan == ProxyHeaderResult.Invalid || read.IsCompleted)
                {
                    return false;
                }
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The proxy broke off, or the deadline did.
            return false;
        }
    }

    private static ProxyHeaderResult Scan(ReadOnlySequence<byte> buffer, out int length, out Endpoint? client)
    {
        Span<byte> start = stackalloc byte[ProxyHeader.MaxBinaryBytes];
        start = start[..(int)Math.Min(buffer.Length, start.Length)];
        buffer.Slice(0, start.Length).CopyTo(start);
        return ProxyHeader.Read(start, out length, out client, out _);
    }
}
