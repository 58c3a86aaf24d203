using System.Runtime.InteropServices;
using Anatomic.Comparison.Linux;
using Anatomic.Comparison.Load;

namespace Anatomic.Comparison.Http;

/// <summary>A connection to a loopback server that never waits, from an address of the population.</summary>
internal static unsafe class TcpHandle
{
    /// <summary>Begins to connect; writable once it is done.</summary>
    /// <param name="name">The server.</param>
    /// <param name="source">Which of the population's addresses it comes from.</param>
    public static int Open(ReadOnlySpan<byte> name, int source)
    {
        var handle = Handles.Open(LinuxCalls.FamilyV4, LinuxCalls.Stream | LinuxCalls.NonBlocking);
        // The port is chosen by both addresses together: else tens of thousands of ended connections use them up.
        Handles.Set(handle, LinuxCalls.LevelV4, LinuxCalls.BindAddressNoPort, 1);
        Handles.Bind(handle, SourceNames[source]);
        fixed (byte* bytes = name)
        {
            var result = LinuxCalls.Connect(handle, bytes, (uint)name.Length);
            if (result < 0 && Marshal.GetLastPInvokeError() != LinuxCalls.InProgress)
            {
                Handles.Check(result, "connect");
            }
        }
        return handle;
    }

    /// <summary>Bytes sent; 0: not now; -1: the connection is broken.</summary>
    public static int Send(int handle, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            return Result(LinuxCalls.Send(handle, first, (nuint)bytes.Length, LinuxCalls.NoSignal));
        }
    }

    /// <summary>Bytes taken; 0: none now; -1: the other side has ended, or it is broken.</summary>
    public static int Receive(int handle, Span<byte> into)
    {
        fixed (byte* first = into)
        {
            var count = LinuxCalls.Receive(handle, first, (nuint)into.Length, 0);
            return count == 0 ? -1 : Result(count);
        }
    }

    /// <summary>The kernel is to say when it took in what <see cref="Receive(int, Span{byte}, out TimeStamp?)"/> takes.</summary>
    public static void AskForStamps(int handle) =>
        Handles.Set(handle, LinuxCalls.SocketLevel, LinuxCalls.ArrivalStamps, 1);

    /// <summary>As without the stamp, which is that of the last byte taken.</summary>
    public static int Receive(int handle, Span<byte> into, out TimeStamp? stamp)
    {
        var message = default(StampMessage);
        fixed (byte* first = into)
        {
            var part = new Part { Bytes = first, Length = (nuint)into.Length };
            var header = new MessageHeader
            {
                Parts = &part,
                PartCount = 1,
                Control = (byte*)&message,
                ControlBytes = (nuint)sizeof(StampMessage),
            };
            var count = LinuxCalls.ReceiveMessage(handle, &header, 0);
            stamp = message.Stamp;
            return count == 0 ? -1 : Result(count);
        }
    }

    public static void Close(int handle) => _ = LinuxCalls.Close(handle);

    /// <summary>Ends it without a goodbye: the other side sees a reset, and nothing is left of it on this one.</summary>
    public static void Reset(int handle)
    {
        Handles.Set(handle, LinuxCalls.SocketLevel, LinuxCalls.Linger, new LingerValue { IsOn = 1 });
        Close(handle);
    }

    private static readonly byte[][] SourceNames =
    [
        .. Enumerable.Range(0, Population.V4Sources).Select(source => SocketName.Of(Population.AddressOf(source), 0)),
    ];

    private static int Result(nint count) =>
        count >= 0 ? (int)count
        : Marshal.GetLastPInvokeError()
            is LinuxCalls.TryAgain
                or LinuxCalls.Interrupted
                or LinuxCalls.InProgress
                or LinuxCalls.NotConnected
            ? 0
        : -1;
}
