using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;
using Anatomic.Comparison.Udp;
using Anatomic.Wire.Trackers;

namespace Anatomic.Comparison.Servers;

/// <summary>
/// Sends each datagram's transaction back, in a reply as long as a tracker's would be, many at a time: the limit of a UDP server
/// on this machine.
/// </summary>
internal static unsafe class EchoServer
{
    public const string Verb = "echo";
    public const string Ready = "ready";

    private const int BufferBytes = 4 << 20;
    private const int V4PeerBytes = 6 * UdpAnnounces.Wanted;

    /// <summary>All others of a swarm: over IPv6 there is one address only, so that swarms are smaller.</summary>
    private const int V6PeerBytes = 18 * (Populations.PeersATorrentV6 - 1);

    /// <summary>Serves both addresses until the process is ended.</summary>
    public static int Run(int port, int portV6)
    {
        var v4 = Bind(new IPEndPoint(IPAddress.Loopback, port));
        var v6 = Bind(new IPEndPoint(IPAddress.IPv6Loopback, portV6));
        Console.WriteLine(Ready);
        new Thread(() => Serve(v6, V6PeerBytes)) { IsBackground = true }.Start();
        Serve(v4, V4PeerBytes);
        return 0;
    }

    private static int Bind(IPEndPoint at)
    {
        var name = SocketName.Of(at);
        var family = name.Length == SocketName.MaxBytes ? LinuxCalls.FamilyV6 : LinuxCalls.FamilyV4;
        var handle = Handles.Open(family, LinuxCalls.Datagram);
        Handles.Set(handle, LinuxCalls.SocketLevel, LinuxCalls.ReceiveBuffer, BufferBytes);
        Handles.Bind(handle, name);
        return handle;
    }

    private static void Serve(int handle, int peerBytes)
    {
        // A reply goes out of the place that its request came into.
        var block = new MessageBlock();
        while (true)
        {
            var count = LinuxCalls.ReceiveMany(
                handle,
                block.Headers,
                MessageBlock.Capacity,
                LinuxCalls.WaitForOne,
                null
            );
            for (var i = 0; i < count; i++)
            {
                Answer(block, i, peerBytes);
            }
            for (var sent = 0; sent < count; )
            {
                var more = LinuxCalls.SendMany(handle, block.Headers + sent, (uint)(count - sent), 0);
                // What cannot be sent is lost, as datagrams may be.
                sent += Math.Max(1, more);
            }
            for (var i = 0; i < count; i++)
            {
                block.Rearm(i);
            }
            if (count < 0 && Marshal.GetLastPInvokeError() != LinuxCalls.Interrupted)
            {
                Handles.Check(count, "recvmmsg");
            }
        }
    }

    private static void Answer(MessageBlock block, int index, int peerBytes)
    {
        var received = block.Received(index);
        if (received.Length < 16)
        {
            block.SetLength(index, 0);
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
        var reply = block.Payload(index);
        BinaryPrimitives.WriteInt32BigEndian(reply, action);
        BinaryPrimitives.WriteUInt32BigEndian(reply[4..], transaction);
        block.SetLength(index, length);
    }
}
