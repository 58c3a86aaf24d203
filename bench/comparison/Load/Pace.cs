using System.Diagnostics;

namespace Anatomic.Comparison.Load;

/// <summary>
/// When the requests of an open loop are due. A server is charged for its own delays and not for the generator's, whose core stands
/// still for some dozen microseconds a thousand times a second on a virtual machine: what could not be sent in time is not sent, and
/// a request's time counts from when it was handed to the system. Only where as many are under way as may be does it count from when
/// it was due, for then it is the server that lets it wait.
/// </summary>
/// <param name="perSecond">Requests.</param>
/// <param name="begin">When the first one is due, in ticks of the stopwatch.</param>
internal sealed class Pace(double perSecond, long begin)
{
    private readonly double ticksEach = Stopwatch.Frequency / perSecond;
    private long begin = begin;
    private long taken;
    private bool isHeldUp;

    /// <summary>The generator is late beyond it, in ticks: 50 microseconds.</summary>
    public static long Slack { get; } = Stopwatch.Frequency / 20_000;

    /// <summary>Whether a request is due; if so, the next one is the one after it.</summary>
    /// <param name="now">In ticks of the stopwatch.</param>
    /// <param name="from">From when its time counts.</param>
    public bool TryTake(long now, out long from)
    {
        var due = Due;
        from = isHeldUp ? due : now;
        if (due > now)
        {
            isHeldUp = false;
            return false;
        }
        if (!isHeldUp && now - due > Slack)
        {
            begin += now - due;
        }
        taken++;
        return true;
    }

    /// <summary>No more may be under way: whatever is due waits for the server.</summary>
    public void HoldUp(long now) => isHeldUp |= Due <= now;

    private long Due => begin + (long)(taken * ticksEach);
}
