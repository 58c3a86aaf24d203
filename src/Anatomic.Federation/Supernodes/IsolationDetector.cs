namespace Anatomic.Federation.Supernodes;

/// <summary>
/// When more than half of the nodes vanish within three minutes, it is rather this supernode that is cut off: it keeps the old
/// state then. It ends when half of them answer again, or after ten minutes in which somebody answers, for then the silent
/// ones are gone indeed.
/// </summary>
public sealed class IsolationDetector
{
    private DateTimeOffset? since;
    private DateTimeOffset lastAlone;

    public bool IsOn => since is not null;

    /// <summary>Looks at the nodes after one of them answered or was missed.</summary>
    public void Weigh(IEnumerable<Member> nodes, DateTimeOffset now)
    {
        var alive = 0;
        var vanished = 0;
        foreach (var node in nodes)
        {
            if (node.LastAnswer == default)
            {
                continue;
            }
            if (node.DiedAt is not { } died)
            {
                alive++;
            }
            else if (IsOn ? Excuses(died, now) : now - died < SupernodeLimits.SuspicionWindow)
            {
                vanished++;
            }
        }
        if (vanished > alive)
        {
            since ??= now;
            lastAlone = alive == 0 ? now : lastAlone;
            if (alive > 0 && now - Later(since.Value, lastAlone) > SupernodeLimits.SuspicionEnds)
            {
                since = null;
            }
            return;
        }
        since = null;
    }

    /// <summary>Whether a node that died then is kept in the old state.</summary>
    public bool Excuses(DateTimeOffset died, DateTimeOffset now) =>
        since is { } begun && died > begun - SupernodeLimits.SuspicionWindow && died <= now;

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;
}
