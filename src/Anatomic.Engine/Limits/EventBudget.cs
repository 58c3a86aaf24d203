namespace Anatomic.Engine.Limits;

/// <summary>
/// Allows an event that is cheap to cause and expensive to handle a number of times at once, and then at a slow rate.
/// </summary>
/// <param name="burst">How many events are allowed at once.</param>
/// <param name="interval">The time after which one more is allowed.</param>
internal struct EventBudget(int burst, TimeSpan interval)
{
    // The time at which everything spent so far is paid back.
    private DateTimeOffset paidAt;

    /// <summary>Spends <paramref name="events"/>; false when the budget does not cover them.</summary>
    public bool TrySpend(DateTimeOffset now, int events = 1)
    {
        var start = paidAt > now ? paidAt : now;
        var after = start + (interval * events);
        if (after - now > interval * burst)
        {
            return false;
        }
        paidAt = after;
        return true;
    }
}
