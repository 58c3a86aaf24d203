using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Udp;
using Anatomic.Machine.Network.Linux;
using Anatomic.Wire.Trackers;

namespace Anatomic.Comparison.Servers;

/// <summary>
/// Returns the transaction id of each datagram in a reply as long as that of a tracker, many datagrams per system call:
/// the limit of a UDP server on this machine.
/// </summary>
internal static unsafe class EchoServer
{
    public const string Verb = "echo";
    public const string Ready = "ready";

    private const int BufferBytes = 4 << 20;
    private const int V4PeerBytes = 6 * UdpAnnounceWorkload.NumWant;

    /// <summary>All other peers of a swarm: over IPv6 there is only one address, so swarms are smaller.</summary>
    private const int V6PeerBytes = 18 * (Populations.PeersPerTorrentV6 - 1);

    /// <summary>Serves both addresses until the process is killed.</summary>
    public static int Run(int port, int portV6)
    {
        var v4 = Bind(new IPEndPoint(IPAddress.Loopback, port));
        var v6 = Bind(new IPEndPoint(IPAddress.IPv6Loopback, portV6));
        Console.WriteLine(Ready);
        new Thread(() => Serve(v6, V6PeerBytes)) { IsBackground = true }.Start();
        Serve(v4, V4PeerBytes);
        return 0;
    }

    private static int Bind(IPEndPoint endpoint)
    {
        var address = SocketAddressBytes.Of(endpoint);
        var family = address.Length == SocketAddressBytes.MaxBytes ? SystemCalls.FamilyV6 : SystemCalls.FamilyV4;
        var handle = RawSocket.Open(family, SystemCalls.Datagram);
        RawSocket.Set(handle, LinuxCalls.SocketLevel, SystemCalls.ReceiveBuffer, BufferBytes);
        RawSocket.Bind(handle, address);
        return handle;
    }

    private static void Serve(int handle, int peerBytes)
    {
        // A reply leaves from the buffer of its request.
        var buffers = new MessageBuffers();
        while (true)
        {
            var count = LinuxCalls.ReceiveMany(
                handle,
                buffers.Headers,
                MessageBuffers.Capacity,
                LinuxCalls.WaitForOne,
                null
            );
            for (var i = 0; i < count; i++)
            {
                WriteReply(buffers, i, peerBytes);
            }
            for (var sent = 0; sent < count; )
            {
                var more = LinuxCalls.SendMany(handle, buffers.Headers + sent, (uint)(count - sent), 0);
                // A reply that cannot be sent is lost.
                sent += Math.Max(1, more);
            }
            for (var i = 0; i < count; i++)
            {
                buffers.Rearm(i);
            }
            if (count < 0 && Marshal.GetLastPInvokeError() != LinuxCalls.Interrupted)
            {
                RawSocket.Check(count, "recvmmsg");
            }
        }
    }

    private static void WriteReply(MessageBuffers buffers, int index, int peerBytes)
    {
        var received = buffers.Received(index);
        if (received.Length < 16)
        {
            buffers.SetLength(index, 0);
            return;
        }
        var action = BinaryPrimitives.ReadInt32BigEndian(received[8..]);
        var transaction = BinaryPrimitives.ReadUInt32BigEndian(received[12..]);
        var length = (UdpAction)action switch
        {
            UdpAction.Announce => UdpServerCodec.AnnounceHeaderBytes + peerBytes,
            UdpAction.Scrape => UdpServerCodec.ScrapeHeaderBytes
                + (UdpServerCodec.ScrapeBytesEach * ((received.Length - 16) / 20)),
            _ => UdpServerCodec.ConnectBytes,
        };
        var reply = buffers.Payload(index);
        BinaryPrimitives.WriteInt32BigEndian(reply, action);
        BinaryPrimitives.WriteUInt32BigEndian(reply[4..], transaction);
        buffers.SetLength(index, length);
    }
}
