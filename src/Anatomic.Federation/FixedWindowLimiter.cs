namespace Anatomic.Federation;

/// <summary>A rate limiter per key with a fixed window. The window starts with the first request in it.</summary>
/// <param name="limit">Requests allowed per key and window.</param>
/// <param name="window">Length of the window.</param>
/// <param name="maxKeys">Keys counted per window. With more, a new window starts for all keys.</param>
internal sealed class FixedWindowLimiter<TKey>(int limit, TimeSpan window, int maxKeys)
    where TKey : notnull
{
    private readonly Dictionary<TKey, int> counts = [];
    private DateTimeOffset startedAt;

    /// <summary>Counts one request; false when the key has reached the limit.</summary>
    public bool TryAcquire(TKey key, DateTimeOffset now)
    {
        if (now - startedAt >= window || counts.Count >= maxKeys)
        {
            counts.Clear();
            startedAt = now;
        }
        var count = counts.GetValueOrDefault(key);
        if (count >= limit)
        {
            return false;
        }
        counts[key] = count + 1;
        return true;
    }
}
