namespace Anatomic.Engine.Limits;

/// <summary>
/// Grants bytes at a rate. Its only state besides the rate is the time at which everything granted so far is paid for,
/// so several loops share it with one atomic exchange, and whoever reserves first is served first.
/// </summary>
internal sealed class TokenBucket
{
    /// <summary>Unused tokens that are kept, as time at the full rate.</summary>
    private static readonly long BurstTicks = TimeSpan.FromMilliseconds(250).Ticks;

    /// <summary>Grants a second to one user of the bucket; many small ones would only cost time.</summary>
    private const int GrantsPerSecond = 32;

    private const int MinQuantum = 1024;
    private const int MaxQuantum = 256 * 1024;

    private long paidAt;
    private long bytesPerSecond;

    /// <summary>Bytes per second; 0: unlimited.</summary>
    public long Rate => Volatile.Read(ref bytesPerSecond);

    /// <summary>Bytes to grant at once, so that many users take turns.</summary>
    public int Quantum =>
        Rate is > 0 and var rate ? (int)Math.Clamp(rate / GrantsPerSecond, MinQuantum, MaxQuantum) : int.MaxValue;

    /// <summary>Changes the rate. What is granted but not paid yet is paid at the new rate.</summary>
    public void SetRate(long rate, long nowTicks)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rate);
        var old = Interlocked.Exchange(ref bytesPerSecond, rate);
        while (true)
        {
            var before = Interlocked.Read(ref paidAt);
            var debt = before - nowTicks;
            // A new limit starts with a full bucket.
            var after =
                rate == 0 || old == 0 ? nowTicks - BurstTicks
                : debt <= 0 ? before
                : nowTicks + (long)((double)debt * old / rate);
            if (Interlocked.CompareExchange(ref paidAt, after, before) == before)
            {
                return;
            }
        }
    }

    /// <summary>Reserves bytes; returns the ticks to wait until they may be transferred.</summary>
    public long Reserve(long bytes, long nowTicks)
    {
        var cost = CostOf(bytes);
        while (cost > 0)
        {
            var before = Interlocked.Read(ref paidAt);
            var after = Math.Max(before, nowTicks - BurstTicks) + cost;
            if (Interlocked.CompareExchange(ref paidAt, after, before) == before)
            {
                return Math.Max(0, after - nowTicks);
            }
        }
        return 0;
    }

    /// <summary>Gives back reserved bytes that were not transferred.</summary>
    public void Refund(long bytes) => Interlocked.Add(ref paidAt, -CostOf(bytes));

    private long CostOf(long bytes) =>
        Rate is > 0 and var rate ? (long)(bytes * (double)TimeSpan.TicksPerSecond / rate) : 0;
}
