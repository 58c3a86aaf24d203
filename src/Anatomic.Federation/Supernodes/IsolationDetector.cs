namespace Anatomic.Federation.Supernodes;

/// <summary>
/// Detects that this supernode itself is cut off: more nodes vanished within three minutes than still answer. The
/// vanished ones are then doubtful instead of dead. It ends when half of them answer again, or after ten minutes in
/// which any node answers, because the silent ones are then really gone.
/// </summary>
public sealed class IsolationDetector
{
    private DateTimeOffset? since;
    private DateTimeOffset lastWithoutAnswers;

    public bool IsIsolated => since is not null;

    /// <summary>Looks at all nodes after one of them answered or missed a poll.</summary>
    public void Update(IEnumerable<Member> nodes, DateTimeOffset now)
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
            else if (IsIsolated ? Covers(died, now) : now - died < FederationLimits.IsolationWindow)
            {
                vanished++;
            }
        }
        if (vanished > alive)
        {
            since ??= now;
            lastWithoutAnswers = alive == 0 ? now : lastWithoutAnswers;
            if (alive > 0 && now - Later(since.Value, lastWithoutAnswers) > FederationLimits.IsolationTimeout)
            {
                since = null;
            }
            return;
        }
        since = null;
    }

    /// <summary>Whether a node that died at this time is doubtful instead of dead.</summary>
    public bool Covers(DateTimeOffset died, DateTimeOffset now) =>
        since is { } start && died > start - FederationLimits.IsolationWindow && died <= now;

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;
}
