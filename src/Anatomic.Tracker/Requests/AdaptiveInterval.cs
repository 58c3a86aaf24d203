using Anatomic.Tracker.Swarms;

namespace Anatomic.Tracker.Requests;

/// <summary>
/// Asks clients to come less often while more announces come than the operator wants, and tells how long peers are kept: as long
/// as anybody was asked to wait. Observed by one caller at a time; the present pace may be read from any loop.
/// </summary>
/// <param name="intervalSeconds">The interval when there is no hurry.</param>
/// <param name="announcesPerSecond">Up to so many nothing is stretched.</param>
internal sealed class AdaptiveInterval(int intervalSeconds, int announcesPerSecond)
{
    /// <summary>The age of a peer has 8 bits: 64 ticks of timeout can be doubled, and wrap only after twice that.</summary>
    private const double MaxStretch = 2;

    /// <summary>Each step goes this part of the way: with 16 steps a tick, 45 minutes of timeout make it some three minutes.</summary>
    private const double SmoothingFactor = 1.0 / 64;

    /// <summary>A tenth of a thousandth: below it the stretch is back where it was.</summary>
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

    /// <summary>What clients are told now, before the jitter.</summary>
    public int IntervalSeconds => currentSeconds;

    /// <summary>How many ticks a silent peer is kept now.</summary>
    public int TimeoutTicks => timeoutTicks;

    /// <summary>
    /// The stretch follows the rate and nothing else. Clients keep the interval that they were told for a whole one, so that
    /// whatever added up the excess meanwhile would swing: a load twice the target ends at intervals 1.4 times as long.
    /// </summary>
    /// <param name="announces">All announces since the start.</param>
    /// <param name="now">Now.</param>
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
    /// Who was told the longest interval is waited for at most <see cref="PeerAge.TimeoutTicksMax"/> ticks later: the most of
    /// this window of so many ticks and of the one before it holds for all of them.
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
