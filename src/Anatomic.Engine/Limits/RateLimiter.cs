using Anatomic.Wire;

namespace Anatomic.Engine.Limits;

/// <summary>
/// A limit in bytes a second. It holds only the time at which everything let through would be paid for, so that torrents on
/// several loops share it by one atomic exchange.
/// </summary>
internal sealed class RateLimiter(long bytesPerSecond, TimeProvider clock)
{
    /// <summary>What may pass at once after a pause, in time at the full rate.</summary>
    private static readonly long BurstTicks = TimeSpan.FromMilliseconds(250).Ticks;

    private long paidAt;

    public bool IsLimited => bytesPerSecond > 0;

    /// <summary>Bytes that may be taken in one go, so that the pause after it stays short: a quarter of a second, at least a block.</summary>
    public int MostAtOnce =>
        IsLimited ? (int)Math.Clamp(bytesPerSecond / 4, PeerLimits.BlockBytes, int.MaxValue) : int.MaxValue;

    /// <summary>Counts what has passed or is about to; returns how long to wait before the next.</summary>
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
