using System.Diagnostics;
using System.Net.Sockets;

namespace Anatomic.Comparison.Linux;

/// <summary>
/// Reads when the kernel took in a packet (SO_TIMESTAMPNS, by the wall clock) as ticks of the stopwatch: how late the generator came to
/// read it does not matter then. On loopback that is the moment in which the server sent it.
/// <para>
/// While it lives the kernel stamps all that comes. It begins with the first socket that asks for stamps and ends with the last one, each
/// time by a change of its own code, which takes all cores a moment and comes too late for the first packets: with a connection for each
/// request that would be all the time.
/// </para>
/// </summary>
internal sealed class ArrivalClock : IDisposable
{
    private const int Attempts = 16;
    private const double NanosecondsPerSecond = 1e9;
    private readonly Socket asksAlways = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly long originTicks;
    private readonly long originNanoseconds;

    public ArrivalClock()
    {
        Handles.Set((int)asksAlways.Handle, LinuxCalls.SocketLevel, LinuxCalls.ArrivalStamps, 1);
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

    public long TicksOf(TimeStamp stamp) =>
        originTicks
        + (long)(
            ((stamp.Seconds * (long)NanosecondsPerSecond) + stamp.Nanoseconds - originNanoseconds)
            * (Stopwatch.Frequency / NanosecondsPerSecond)
        );

    public void Dispose() => asksAlways.Dispose();
}
