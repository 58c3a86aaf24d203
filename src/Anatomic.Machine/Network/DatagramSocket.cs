using System.Net;
using System.Net.Sockets;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Network;

/// <summary>A datagram socket for a client; one receive at a time.</summary>
internal sealed class DatagramSocket : IDatagramSocket
{
    private readonly Socket socket;
    private readonly SocketAddress from;

    public DatagramSocket(Endpoint at)
    {
        socket = Sockets.BindDatagram(at, receiveBytes: 0);
        from = Sockets.Template(at);
        Local = Sockets.LocalOf(socket);
    }

    public Endpoint Local { get; }

    public async ValueTask SendAsync(Endpoint to, ReadOnlyMemory<byte> datagram, CancellationToken stop)
    {
        if (to.IsV4 != Local.IsV4)
        {
            throw new NetworkException($"{to} cannot be reached from {Local}: one is IPv4, the other IPv6");
        }
        try
        {
            // Created anew each time, because several sends may run at once.
            var address = to.ToIPEndPoint().Serialize();
            await socket.SendToAsync(datagram, SocketFlags.None, address, stop).ConfigureAwait(false);
        }
        catch (SocketException cause)
        {
            throw NetworkErrors.Send(to, cause);
        }
        catch (ObjectDisposedException cause)
        {
            throw new NetworkException($"The datagram socket at {Local} is closed", cause);
        }
    }

    public async ValueTask<(int Length, Endpoint From)> ReceiveAsync(Memory<byte> into, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                var length = await socket.ReceiveFromAsync(into, SocketFlags.None, from, stop).ConfigureAwait(false);
                return (length, Sockets.Read(from));
            }
            catch (SocketException cause) when (cause.SocketErrorCode == SocketError.MessageSize)
            {
                // Only Windows reports this, after it has filled the buffer.
                return (into.Length, Sockets.Read(from));
            }
            catch (SocketException cause)
                when (cause.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionRefused)
            {
                // An earlier datagram was not delivered, which does not affect the next one.
            }
            catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
            {
                throw new NetworkException($"The datagram socket at {Local} failed: {cause.Message}", cause);
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
