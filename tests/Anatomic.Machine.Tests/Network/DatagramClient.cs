using System.Net;
using System.Net.Sockets;
using Anatomic.Wire;

namespace Anatomic.Machine.Tests.Network;

/// <summary>A plain UDP client, which waits for single datagrams.</summary>
internal sealed class DatagramClient : IAsyncDisposable
{
    private readonly Socket socket;

    public DatagramClient(Endpoint at)
    {
        var family = at.IsV4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(at.ToIPEndPoint());
        Local = Endpoint.From((IPEndPoint)socket.LocalEndPoint!);
    }

    public Endpoint Local { get; }

    public async Task SendAsync(Endpoint to, ReadOnlyMemory<byte> datagram, CancellationToken stop) =>
        await socket.SendToAsync(datagram, SocketFlags.None, to.ToIPEndPoint(), stop);

    public async Task<(int Length, Endpoint From)> ReceiveAsync(Memory<byte> into, CancellationToken stop)
    {
        var any = new IPEndPoint(Local.IsV4 ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (true)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(into, SocketFlags.None, any, stop);
                return (received.ReceivedBytes, Endpoint.From((IPEndPoint)received.RemoteEndPoint));
            }
            catch (SocketException cause)
                when (cause.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionRefused)
            {
                // An earlier datagram was not delivered, which does not affect the next one.
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
