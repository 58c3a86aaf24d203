using Anatomic.Wire;

namespace Anatomic.Engine.Limits;

/// <summary>
/// Limits a rate in bytes per second. Its only state is the time at which everything charged so far is paid for.
/// Torrents on several loops therefore share it with one atomic exchange.
/// </summary>
internal sealed class RateLimiter(long bytesPerSecond, TimeProvider clock)
{
    /// <summary>Burst allowed after a pause, as time at the full rate.</summary>
    private static readonly long BurstTicks = TimeSpan.FromMilliseconds(250).Ticks;

    private long paidAt;

    public bool IsLimited => bytesPerSecond > 0;

    /// <summary>
    /// Bytes to transfer at once, so that the pause after them stays short: a quarter of a second, but at least one
    /// block.
    /// </summary>
    public int MaxBurstBytes =>
        IsLimited ? (int)Math.Clamp(bytesPerSecond / 4, PeerLimits.BlockBytes, int.MaxValue) : int.MaxValue;

    /// <summary>Charges a transfer, before or after it; returns how long to wait before the next one.</summary>
    public TimeSpan Charge(long bytes)
    {
        if (!IsLimited)
        {
            return TimeSpan.Zero;
        }
        var now = clock.GetUtcNow().UtcTicks;
        var cost = (long)(bytes * (double)TimeSpan.TicksPerSecond / bytesPerSecond);
        while (true)
        {
            var before = Interlocked.Read(ref paidAt);
            var after = Math.Max(before, now - BurstTicks) + cost;
            if (Interlocked.CompareExchange(ref paidAt, after, before) == before)
            {
                return after > now ? TimeSpan.FromTicks(after - now) : TimeSpan.Zero;
            }
        }
    }
}
