using Anatomic.Tracker.Peers;

namespace Anatomic.Tracker.Requests;

/// <summary>
/// Stretches the announce interval while the load is above the operator's target. Peers are then kept for longer, so
/// that none times out within an interval that it was given. One caller at a time observes; any loop may read.
/// </summary>
/// <param name="intervalSeconds">The interval up to the target load.</param>
/// <param name="announcesPerSecond">The target load.</param>
internal sealed class AdaptiveInterval(int intervalSeconds, int announcesPerSecond)
{
    /// <summary>
    /// A peer's age has 8 bits. The usual timeout of 64 ticks can be doubled; the age wraps at twice that.
    /// </summary>
    private const double MaxStretch = 2;

    /// <summary>
    /// Exponential smoothing per observation. With 16 observations per tick and a timeout of 45 minutes, the time
    /// constant is about three minutes.
    /// </summary>
    private const double SmoothingFactor = 1.0 / 64;

    /// <summary>A stretch that exceeds 1 by less than this snaps back to 1.</summary>
    private const double Negligible = 1e-4;

    private readonly int baseSeconds = intervalSeconds;
    private double stretch = 1;
    private double maxStretch = 1;
    private double previousMaxStretch = 1;
    private int windowTick;
    private long lastAnnounces;
    private long lastMicrosecond;
    private volatile int currentSeconds = intervalSeconds;
    private volatile int timeoutTicks = PeerAge.TimeoutTicksNormal;

    /// <summary>The current interval, without jitter.</summary>
    public int IntervalSeconds => currentSeconds;

    /// <summary>The current timeout of a silent peer, in ticks.</summary>
    public int TimeoutTicks => timeoutTicks;

    /// <summary>
    /// Adjusts the interval to the rate since the last call. There is no integral term: clients react only after a
    /// whole interval, so accumulated excess would oscillate. A load of twice the target settles at intervals 1.4 times
    /// as long.
    /// </summary>
    /// <param name="announces">All announces since the start.</param>
    public void Observe(long announces, in TrackerTime now)
    {
        var microseconds = now.Microsecond - lastMicrosecond;
        if (microseconds <= 0)
        {
            return;
        }
        var perSecond = (announces - lastAnnounces) * 1e6 / microseconds;
        (lastAnnounces, lastMicrosecond) = (announces, now.Microsecond);
        var targetStretch = Math.Clamp(perSecond / announcesPerSecond, 1, MaxStretch);
        stretch += (targetStretch - stretch) * SmoothingFactor;
        stretch = stretch - 1 < Negligible ? 1 : stretch;
        ExtendTimeout(now.Tick);
        currentSeconds = (int)(baseSeconds * stretch);
        timeoutTicks = (int)Math.Ceiling(PeerAge.TimeoutTicksNormal * Math.Max(maxStretch, previousMaxStretch));
    }

    /// <summary>
    /// A client with the longest interval is due within <see cref="PeerAge.TimeoutTicksMax"/> ticks. The maximum over
    /// the current window of that length and the previous one therefore covers every client.
    /// </summary>
    private void ExtendTimeout(int tick)
    {
        if (tick - windowTick >= PeerAge.TimeoutTicksMax)
        {
            (previousMaxStretch, maxStretch, windowTick) = (maxStretch, stretch, tick);
        }
        maxStretch = Math.Max(maxStretch, stretch);
    }
}
