using System.Runtime.InteropServices;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;
using Anatomic.Machine.Network.Linux;

namespace Anatomic.Comparison.Http;

/// <summary>Non-blocking connections to a loopback server, from an address of the population.</summary>
internal static unsafe class TcpSocket
{
    /// <summary>Starts to connect; the socket becomes writable once it is connected.</summary>
    /// <param name="server">Its address.</param>
    /// <param name="source">Which address of the population the connection leaves from.</param>
    public static int Open(ReadOnlySpan<byte> server, int source)
    {
        var handle = RawSocket.Open(SystemCalls.FamilyV4, SystemCalls.Stream | SystemCalls.NonBlocking);
        // Picks the port when connecting: otherwise tens of thousands of closed connections use up all ports.
        RawSocket.Set(handle, LinuxCalls.LevelV4, SystemCalls.BindAddressNoPort, 1);
        RawSocket.Bind(handle, SourceAddresses[source]);
        fixed (byte* bytes = server)
        {
            var result = SystemCalls.Connect(handle, bytes, (uint)server.Length);
            if (result < 0 && Marshal.GetLastPInvokeError() != SystemCalls.InProgress)
            {
                RawSocket.Check(result, "connect");
            }
        }
        return handle;
    }

    /// <returns>Bytes sent; 0 if the socket is not ready; -1 if the connection is broken.</returns>
    public static int Send(int handle, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            return Result(SystemCalls.Send(handle, first, (nuint)bytes.Length, SystemCalls.NoSignal));
        }
    }

    /// <returns>Bytes received; 0 if none has arrived; -1 if the connection is closed or broken.</returns>
    public static int Receive(int handle, Span<byte> buffer)
    {
        fixed (byte* first = buffer)
        {
            var count = SystemCalls.Receive(handle, first, (nuint)buffer.Length, 0);
            return count == 0 ? -1 : Result(count);
        }
    }

    /// <summary>
    /// Makes the kernel deliver the timestamps of <see cref="Receive(int, Span{byte}, out TimeSpec?)"/>.
    /// </summary>
    public static void EnableTimestamps(int handle) =>
        RawSocket.Set(handle, LinuxCalls.SocketLevel, SystemCalls.ReceiveTimestamps, 1);

    /// <summary>Receives with the timestamp of the last byte; null without one.</summary>
    public static int Receive(int handle, Span<byte> buffer, out TimeSpec? timestamp)
    {
        var message = default(TimestampMessage);
        fixed (byte* first = buffer)
        {
            var part = new Part { Bytes = first, Length = (nuint)buffer.Length };
            var header = new MessageHeader
            {
                Parts = &part,
                PartCount = 1,
                Control = (byte*)&message,
                ControlBytes = (nuint)sizeof(TimestampMessage),
            };
            var count = SystemCalls.ReceiveMessage(handle, &header, 0);
            timestamp = message.Timestamp;
            return count == 0 ? -1 : Result(count);
        }
    }

    public static void Close(int handle) => _ = LinuxCalls.Close(handle);

    /// <summary>Aborts the connection: the server sees a reset, and this side keeps no state.</summary>
    public static void Reset(int handle)
    {
        RawSocket.Set(handle, LinuxCalls.SocketLevel, SystemCalls.Linger, new LingerValue { IsOn = 1 });
        Close(handle);
    }

    private static readonly byte[][] SourceAddresses =
    [
        .. Enumerable
            .Range(0, Population.V4Sources)
            .Select(source => SocketAddressBytes.Of(Population.AddressOf(source), 0)),
    ];

    private static int Result(nint count) =>
        count >= 0 ? (int)count
        : Marshal.GetLastPInvokeError()
            is LinuxCalls.TryAgain
                or LinuxCalls.Interrupted
                or SystemCalls.InProgress
                or SystemCalls.NotConnected
            ? 0
        : -1;
}
