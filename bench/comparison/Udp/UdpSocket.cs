using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;
using Anatomic.Machine.Network.Linux;

namespace Anatomic.Comparison.Udp;

/// <summary>
/// A socket that sends and receives many datagrams per system call, to one server. Over IPv4 it is bound to every
/// loopback address, and each datagram names the one it leaves from.
/// </summary>
internal sealed unsafe class UdpSocket : IDisposable
{
    /// <summary>Large enough that no burst of replies is lost at the generator.</summary>
    private const int BufferBytes = 4 << 20;

    private readonly int handle;
    private readonly bool v4;
    private readonly MessageBuffers sending = new();
    private readonly MessageBuffers receiving = new();

    public UdpSocket(IPEndPoint server)
    {
        var address = SocketAddressBytes.Of(server);
        v4 = server.AddressFamily == AddressFamily.InterNetwork;
        handle = RawSocket.Open(v4 ? SystemCalls.FamilyV4 : SystemCalls.FamilyV6, SystemCalls.Datagram);
        // Whatever its addresses: it sends and receives over the loopback interface only.
        fixed (byte* device = "lo"u8)
        {
            RawSocket.Check(
                SystemCalls.SetOption(handle, LinuxCalls.SocketLevel, SystemCalls.BindToDevice, device, 2),
                "setsockopt"
            );
        }
        RawSocket.Set(handle, LinuxCalls.SocketLevel, SystemCalls.ReceiveBuffer, BufferBytes);
        RawSocket.Set(handle, LinuxCalls.SocketLevel, SystemCalls.SendBuffer, BufferBytes);
        RawSocket.Set(
            handle,
            LinuxCalls.SocketLevel,
            SystemCalls.ReceiveTimeout,
            new TimeValue { Microseconds = (long)MaxWait.TotalMicroseconds }
        );
        RawSocket.Bind(
            handle,
            v4 ? SocketAddressBytes.Of(0, 0) : SocketAddressBytes.Of(new IPEndPoint(IPAddress.IPv6Loopback, 0))
        );
        for (var i = 0; i < MessageBuffers.Capacity; i++)
        {
            sending.SetDestination(i, address);
        }
    }

    /// <summary>How long <see cref="Receive"/> waits at most.</summary>
    private static TimeSpan MaxWait => TimeSpan.FromMilliseconds(50);

    /// <summary>Datagrams queued until <see cref="Flush"/>, at most <see cref="MessageBuffers.Capacity"/>.</summary>
    public int Queued { get; private set; }

    /// <summary>The buffer of the next datagram.</summary>
    public Span<byte> NextBuffer() => sending.Payload(Queued);

    /// <summary>Queues what was written to <see cref="NextBuffer"/>.</summary>
    /// <param name="length">Bytes of it.</param>
    /// <param name="source">Which address of the population it leaves from; over IPv6 there is only one.</param>
    public void Queue(int length, int source)
    {
        sending.SetLength(Queued, length);
        if (v4)
        {
            sending.SetSource(Queued, Population.AddressOf(source));
        }
        Queued++;
    }

    public void Flush()
    {
        for (var sent = 0; sent < Queued; )
        {
            var more = LinuxCalls.SendMany(handle, sending.Headers + sent, (uint)(Queued - sent), 0);
            if (more > 0)
            {
                sent += more;
            }
            else if (Marshal.GetLastPInvokeError() is not (LinuxCalls.Interrupted or LinuxCalls.TryAgain))
            {
                RawSocket.Check(more, "sendmmsg");
            }
        }
        Queued = 0;
    }

    /// <summary>Makes <see cref="TimestampOf"/> work for datagrams received from now on.</summary>
    public void EnableTimestamps()
    {
        receiving.EnableTimestamps();
        RawSocket.Set(handle, LinuxCalls.SocketLevel, SystemCalls.ReceiveTimestamps, 1);
    }

    /// <summary>
    /// Receives what has arrived; with <paramref name="wait"/>, waits up to 50 ms for the first datagram.
    /// </summary>
    /// <param name="maxCount">Datagrams per call.</param>
    /// <returns>How many were received.</returns>
    public int Receive(bool wait, int maxCount = MessageBuffers.Capacity)
    {
        var flags = wait ? LinuxCalls.WaitForOne : LinuxCalls.DontWait;
        return Math.Max(0, LinuxCalls.ReceiveMany(handle, receiving.Headers, (uint)maxCount, flags, null));
    }

    /// <summary>
    /// When the kernel received a datagram of the last <see cref="Receive"/>; null without a timestamp.
    /// </summary>
    public TimeSpec? TimestampOf(int index) => receiving.TimestampOf(index);

    /// <summary>A datagram of the last <see cref="Receive"/>; its buffer is reused by the next one.</summary>
    public ReadOnlySpan<byte> Received(int index)
    {
        receiving.Rearm(index);
        return receiving.Received(index);
    }

    public void Dispose() => _ = LinuxCalls.Close(handle);
}
