using System.Diagnostics;

namespace Anatomic.Peers.Linux;

/// <summary>
/// Reads when the kernel took in a packet (SO_TIMESTAMPNS, by the wall clock) as ticks of the stopwatch: how late the generator came to
/// read it does not matter then. On loopback that is the moment in which the server sent it.
/// </summary>
internal sealed class ArrivalClock
{
    private const int Attempts = 16;
    private const double NanosecondsPerSecond = 1e9;
    private readonly long originTicks;
    private readonly long originNanoseconds;

    public ArrivalClock()
    {
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

    /// <param name="stamp">What the kernel gave; nothing: it gave none.</param>
    /// <param name="now">What is answered then.</param>
    public long TicksOf(TimeStamp? stamp, long now) =>
        stamp is { } given
            ? originTicks
                + (long)(
                    ((given.Seconds * (long)NanosecondsPerSecond) + given.Nanoseconds - originNanoseconds)
                    * (Stopwatch.Frequency / NanosecondsPerSecond)
                )
            : now;
}
