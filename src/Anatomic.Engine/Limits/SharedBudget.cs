using Anatomic.Wire;

namespace Anatomic.Engine.Limits;

/// <summary>
/// A budget that all torrents of a session share, such as piece memory or connections. Thread-safe, as torrents run on
/// several loops.
/// </summary>
internal sealed class SharedBudget(long limit)
{
    private long used;

    public long Available => Math.Max(0, limit - Interlocked.Read(ref used));

    /// <summary>Acquires the amount; false when it would exceed the limit.</summary>
    public bool TryAcquire(long amount)
    {
        if (Interlocked.Add(ref used, amount) <= limit)
        {
            return true;
        }
        Interlocked.Add(ref used, -amount);
        return false;
    }

    /// <summary>Acquires what a torrent needs to make progress, even beyond the limit.</summary>
    public void ForceAcquire(long amount) => Interlocked.Add(ref used, amount);

    public void Release(long amount) => Invariant.Holds(Interlocked.Add(ref used, -amount) >= 0);
}
