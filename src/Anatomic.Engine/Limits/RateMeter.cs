namespace Anatomic.Engine.Limits;

/// <summary>Bytes a second over the last few seconds. Counting costs an addition; the rate is taken once a tick.</summary>
internal struct RateMeter
{
    /// <summary>The weight of the past: about four seconds.</summary>
    private const double Past = 0.75;

    private long since;
    private DateTimeOffset last;
    private double rate;

    public long Total { get; private set; }

    /// <summary>Bytes a second.</summary>
    public readonly long Rate => (long)rate;

    public void Add(long bytes)
    {
        Total += bytes;
        since += bytes;
    }

    public void Tick(DateTimeOffset now)
    {
        var passed = (now - last).TotalSeconds;
        if (last == default || passed <= 0)
        {
            last = now;
            return;
        }
        var present = since / passed;
        rate = rate < 1 ? present : (rate * Past) + (present * (1 - Past));
        if (rate < 1)
        {
            rate = 0;
        }
        since = 0;
        last = now;
    }
}
