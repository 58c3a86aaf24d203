using System.Diagnostics;
using System.Net.Sockets;
using Anatomic.Machine.Network.Linux;

namespace Anatomic.Comparison.Linux;

/// <summary>
/// Converts the kernel's receive timestamps (SO_TIMESTAMPNS, wall clock) to stopwatch ticks.
/// </summary>
/// <remarks>
/// With a timestamp it does not matter how late the generator reads a packet. On loopback a packet is received in the
/// moment in which the server sends it. As long as this object lives, the kernel stamps every packet. Otherwise it
/// starts with the first socket that asks and stops with the last one. Each time it patches its own code, which pauses
/// all cores and misses the first packets; with one connection per request that would happen all the time.
/// </remarks>
internal sealed class ReceiveTimestampClock : IDisposable
{
    private const int Attempts = 16;
    private const double NanosecondsPerSecond = 1e9;
    private readonly Socket keepsStampingOn = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly long originTicks;
    private readonly long originNanoseconds;

    public ReceiveTimestampClock()
    {
        RawSocket.Set((int)keepsStampingOn.Handle, LinuxCalls.SocketLevel, SystemCalls.ReceiveTimestamps, 1);
        var closest = long.MaxValue;
        for (var i = 0; i < Attempts; i++)
        {
            var before = Stopwatch.GetTimestamp();
            var wall = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks;
            var after = Stopwatch.GetTimestamp();
            if (after - before < closest)
            {
                closest = after - before;
                originTicks = before + (closest / 2);
                originNanoseconds = wall * TimeSpan.NanosecondsPerTick;
            }
        }
    }

    public long TicksOf(TimeSpec timestamp) =>
        originTicks
        + (long)(
            ((timestamp.Seconds * (long)NanosecondsPerSecond) + timestamp.Nanoseconds - originNanoseconds)
            * (Stopwatch.Frequency / NanosecondsPerSecond)
        );

    public void Dispose() => keepsStampingOn.Dispose();
}
