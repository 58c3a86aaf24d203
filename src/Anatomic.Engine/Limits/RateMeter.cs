namespace Anatomic.Engine.Limits;

/// <summary>
/// Measures bytes per second over the last few seconds. Counting costs one addition; the rate is updated once per tick.
/// </summary>
internal struct RateMeter
{
    /// <summary>Weight of the previous rate at each tick; the average covers about four seconds.</summary>
    private const double PreviousWeight = 0.75;

    private long bytesSinceTick;
    private DateTimeOffset lastTick;
    private double rate;

    /// <summary>All bytes counted so far.</summary>
    public long Total { get; private set; }

    /// <summary>Current rate in bytes per second.</summary>
    public readonly long Rate => (long)rate;

    public void Add(long bytes)
    {
        Total += bytes;
        bytesSinceTick += bytes;
    }

    public void Tick(DateTimeOffset now)
    {
        var elapsed = (now - lastTick).TotalSeconds;
        if (lastTick == default || elapsed <= 0)
        {
            lastTick = now;
            return;
        }
        var current = bytesSinceTick / elapsed;
        rate = rate < 1 ? current : (rate * PreviousWeight) + (current * (1 - PreviousWeight));
        if (rate < 1)
        {
            rate = 0;
        }
        bytesSinceTick = 0;
        lastTick = now;
    }
}
