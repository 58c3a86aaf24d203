namespace Anatomic.Federation.Sharing;

/// <summary>
/// Until when an order must not be carried to a partner: one that rejected it, gave it up or could not be reached.
/// There are few such pairs at a time.
/// </summary>
internal sealed class CarryBackoff
{
    private const int MinCleanupSize = 1024;

    private readonly Dictionary<(int Row, int Partner), DateTimeOffset> until = [];
    private int cleanupSize = MinCleanupSize;

    public void Add(int row, Partner partner, DateTimeOffset time, DateTimeOffset now)
    {
        if (until.Count >= cleanupSize)
        {
            foreach (var key in until.Where(pair => pair.Value <= now).Select(pair => pair.Key).ToArray())
            {
                until.Remove(key);
            }
            cleanupSize = Math.Max(MinCleanupSize, until.Count * 2);
        }
        until[(row, partner.Number)] = time;
    }

    public void Remove(int row, Partner partner) => until.Remove((row, partner.Number));

    public bool IsActive(int row, Partner partner, DateTimeOffset now) =>
        until.TryGetValue((row, partner.Number), out var time) && time > now;
}
