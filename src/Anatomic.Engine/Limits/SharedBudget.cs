using Anatomic.Wire;

namespace Anatomic.Engine.Limits;

/// <summary>An amount that the torrents of a session share, whatever loops they are on: memory for pieces, connections.</summary>
internal sealed class SharedBudget(long limit)
{
    private long used;

    public long Left => Math.Max(0, limit - Interlocked.Read(ref used));

    public bool TryTake(long amount)
    {
        if (Interlocked.Add(ref used, amount) <= limit)
        {
            return true;
        }
        Interlocked.Add(ref used, -amount);
        return false;
    }

    /// <summary>Takes what must be had for anything to go on at all, even beyond the limit.</summary>
    public void Take(long amount) => Interlocked.Add(ref used, amount);

    public void Give(long amount) => Invariant.Holds(Interlocked.Add(ref used, -amount) >= 0);
}
