using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Anatomic.Wire;

namespace Anatomic.Machine.Network;

/// <summary>Creates sockets for exactly one address family each, so that servers of both can share a port.</summary>
internal static class Sockets
{
    public static Socket Create(in Endpoint peer, SocketType type)
    {
        var family = peer.IsV4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        var socket = new Socket(family, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
        if (family == AddressFamily.InterNetworkV6)
        {
            // The default differs between systems.
            socket.DualMode = false;
        }
        return socket;
    }

    public static Socket BindStream(in Endpoint at)
    {
        try
        {
            var socket = Create(at, SocketType.Stream);
            return Bound(socket, at);
        }
        catch (SocketException cause)
        {
            throw NetworkErrors.Listen(at, cause);
        }
    }

    public static Socket BindDatagram(in Endpoint at, int receiveBytes)
    {
        try
        {
            var socket = Create(at, SocketType.Dgram);
            IgnoreUnreachable(socket);
            if (receiveBytes > 0)
            {
                socket.ReceiveBufferSize = receiveBytes;
            }
            return Bound(socket, at);
        }
        catch (SocketException cause)
        {
            throw NetworkErrors.Listen(at, cause);
        }
    }

    public static Endpoint LocalOf(Socket socket) => Endpoint.From((IPEndPoint)socket.LocalEndPoint!);

    /// <summary>
    /// Reads the system's form of an address; port and address have the same offsets on every system.
    /// </summary>
    public static Endpoint Read(SocketAddress address)
    {
        var bytes = address.Buffer.Span;
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return address.Family == AddressFamily.InterNetwork
            ? Endpoint.FromV4(BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), port)
            : Endpoint.FromV6(bytes.Slice(8, 16), port);
    }

    /// <summary>Overwrites an address of the same family.</summary>
    public static void Write(SocketAddress address, in Endpoint to)
    {
        var bytes = address.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], to.Port);
        if (address.Family == AddressFamily.InterNetwork)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], to.V4);
            return;
        }
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], to.High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], to.Low);
    }

    /// <summary>An address to be overwritten, of the family of <paramref name="like"/>.</summary>
    public static SocketAddress Template(in Endpoint like) => like.WithPort(0).ToIPEndPoint().Serialize();

    private static Socket Bound(Socket socket, in Endpoint at)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                // On Windows, another program could otherwise bind the same port. Elsewhere it would only prevent a
                // restart while old connections linger.
                socket.ExclusiveAddressUse = true;
            }
            socket.Bind(at.ToIPEndPoint());
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void IgnoreUnreachable(Socket socket)
    {
        if (!OperatingSystem.IsWindows())
        {
            return;
        }
        // Windows reports 'port unreachable' for an earlier datagram as an error of the next receive
        // (SIO_UDP_CONNRESET).
        const int SioUdpConnReset = unchecked((int)0x9800000C);
        socket.IOControl(SioUdpConnReset, [0], null);
    }
}
