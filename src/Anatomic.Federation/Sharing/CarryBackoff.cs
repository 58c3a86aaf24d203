namespace Anatomic.Federation.Sharing;

/// <summary>Which partner is to be left alone with which order, and until when. Few at a time: those that refused or gave up.</summary>
internal sealed class CarryBackoff
{
    private const int FirstLook = 1024;

    private readonly Dictionary<(int Row, int Partner), DateTimeOffset> until = [];
    private int lookAt = FirstLook;

    public void Add(int row, Partner partner, DateTimeOffset time, DateTimeOffset now)
    {
        if (until.Count >= lookAt)
        {
            foreach (var key in until.Where(pair => pair.Value <= now).Select(pair => pair.Key).ToArray())
            {
                until.Remove(key);
            }
            lookAt = Math.Max(FirstLook, until.Count * 2);
        }
        until[(row, partner.Number)] = time;
    }

    public void Remove(int row, Partner partner) => until.Remove((row, partner.Number));

    public bool Holds(int row, Partner partner, DateTimeOffset now) =>
        until.TryGetValue((row, partner.Number), out var time) && time > now;
}
