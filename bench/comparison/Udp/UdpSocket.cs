using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Udp;

/// <summary>
/// A socket that sends and receives many datagrams a call, to one server. Over IPv4 it has every loopback address at once, and
/// each datagram leaves from the one it names.
/// </summary>
internal sealed unsafe class UdpSocket : IDisposable
{
    /// <summary>A burst of replies shall be lost at no place but the server.</summary>
    private const int BufferBytes = 4 << 20;

    private readonly int handle;
    private readonly bool v4;
    private readonly MessageBlock sending = new();
    private readonly MessageBlock receiving = new();

    public UdpSocket(IPEndPoint server)
    {
        var name = SocketName.Of(server);
        v4 = server.AddressFamily == AddressFamily.InterNetwork;
        handle = Handles.Open(v4 ? LinuxCalls.FamilyV4 : LinuxCalls.FamilyV6, LinuxCalls.Datagram);
        // Whatever its addresses: nothing enters or leaves it but over the loopback interface.
        fixed (byte* device = "lo"u8)
        {
            Handles.Check(
                LinuxCalls.SetOption(handle, LinuxCalls.SocketLevel, LinuxCalls.BindToDevice, device, 2),
                "setsockopt"
            );
        }
        Handles.Set(handle, LinuxCalls.SocketLevel, LinuxCalls.ReceiveBuffer, BufferBytes);
        Handles.Set(handle, LinuxCalls.SocketLevel, LinuxCalls.SendBuffer, BufferBytes);
        Handles.Set(
            handle,
            LinuxCalls.SocketLevel,
            LinuxCalls.ReceiveTimeout,
            new TimeValue { Microseconds = (long)Wait.TotalMicroseconds }
        );
        Handles.Bind(handle, v4 ? SocketName.Of(0, 0) : SocketName.Of(new IPEndPoint(IPAddress.IPv6Loopback, 0)));
        for (var i = 0; i < MessageBlock.Capacity; i++)
        {
            sending.SetName(i, name);
        }
    }

    /// <summary>How long <see cref="Receive"/> waits at most.</summary>
    public static TimeSpan Wait => TimeSpan.FromMilliseconds(50);

    /// <summary>Datagrams that wait for <see cref="Flush"/>, at most <see cref="MessageBlock.Capacity"/>.</summary>
    public int Queued { get; private set; }

    /// <summary>Room for the next datagram.</summary>
    public Span<byte> Next() => sending.Payload(Queued);

    /// <param name="length">Bytes of <see cref="Next"/>.</param>
    /// <param name="source">Which of the population's addresses it comes from; over IPv6 there is only one.</param>
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
                Handles.Check(more, "sendmmsg");
            }
        }
        Queued = 0;
    }

    /// <summary>From now on <see cref="StampOf"/> says when each datagram came.</summary>
    public void AskForStamps()
    {
        receiving.MakeRoomForStamps();
        Handles.Set(handle, LinuxCalls.SocketLevel, LinuxCalls.ArrivalStamps, 1);
    }

    /// <summary>Takes what is there; with <paramref name="wait"/>, waits a little for the first one.</summary>
    /// <param name="wait">Whether it waits.</param>
    /// <param name="most">Datagrams that are taken.</param>
    public int Receive(bool wait, int most = MessageBlock.Capacity)
    {
        var flags = wait ? LinuxCalls.WaitForOne : LinuxCalls.DontWait;
        return Math.Max(0, LinuxCalls.ReceiveMany(handle, receiving.Headers, (uint)most, flags, null));
    }

    /// <summary>When the kernel took in one of the last <see cref="Receive"/>; nothing: it does not say.</summary>
    public TimeStamp? StampOf(int index) => receiving.StampOf(index);

    /// <summary>One of the datagrams of the last <see cref="Receive"/>; its place is free for the next one.</summary>
    public ReadOnlySpan<byte> Received(int index)
    {
        receiving.Rearm(index);
        return receiving.Received(index);
    }

    public void Dispose() => _ = LinuxCalls.Close(handle);
}
