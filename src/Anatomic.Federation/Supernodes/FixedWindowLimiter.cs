namespace Anatomic.Federation.Supernodes;

/// <summary>At most so many of a key in a window of time; windows begin with the first of them. A decision object.</summary>
internal sealed class FixedWindowLimiter<TKey>(int most, TimeSpan window)
    where TKey : notnull
{
    // A flood of keys must not fill the memory; beyond this the windows begin anew for all.
    private const int MaxKeys = 50_000;

    private readonly Dictionary<TKey, int> counts = [];
    private DateTimeOffset begun;

    public bool TryTake(TKey key, DateTimeOffset now)
    {
        if (now - begun >= window || counts.Count >= MaxKeys)
        {
            counts.Clear();
            begun = now;
        }
        counts.TryGetValue(key, out var count);
        if (count >= most)
        {
            return false;
        }
        counts[key] = count + 1;
        return true;
    }
}
