using Anatomic.Wire;

namespace Anatomic.Engine.Peers;

/// <summary>
/// The account of one peer: its messages cost credit, the payload it moves in either direction earns credit, and some
/// credit returns with time. A peer without credit is dropped. One unit is about a microsecond of a loop's time.
/// </summary>
internal sealed class PeerCost(DateTimeOffset now)
{
    private static readonly string[] Names =
    [
        "messages",
        "announcements of all its pieces",
        "requests",
        "cancelled requests",
        "rejected requests",
        "changes of interest",
        "extended handshakes",
        "metadata messages",
        "hash messages",
        "reads of small parts of the data",
        "blocks that we did not request",
    ];

    private readonly long[] charged = new long[Names.Length];
    private double credit = EngineLimits.MaxPeerCredit;
    private DateTimeOffset refilledAt = now;
    private long movedBytes;

    public bool IsExhausted => credit < 0;

    /// <summary>Remaining credit; negative when the peer is to be dropped.</summary>
    public double Credit => credit;

    /// <summary>Why the peer is dropped, with the kind that cost most.</summary>
    public string Reason =>
        $"the peer costs more than it transfers, mostly by {Names[Array.IndexOf(charged, charged.Max())]}";

    /// <summary>Adds what was earned since the last call, up to the maximum.</summary>
    /// <param name="at">The present time.</param>
    /// <param name="totalMovedBytes">All payload that was moved with the peer so far, in both directions.</param>
    public void Refill(DateTimeOffset at, long totalMovedBytes)
    {
        Invariant.Holds(totalMovedBytes >= movedBytes);
        var elapsedSeconds = Math.Max(0, (at - refilledAt).TotalSeconds);
        var earned = (totalMovedBytes - movedBytes) * EngineLimits.PeerCreditPerKibibyte / 1024.0;
        credit = Math.Min(
            EngineLimits.MaxPeerCredit,
            credit + (elapsedSeconds * EngineLimits.PeerCreditPerSecond) + earned
        );
        refilledAt = at;
        movedBytes = totalMovedBytes;
    }

    public void Charge(CostKind kind, int cost)
    {
        credit -= cost;
        charged[(int)kind] += cost;
    }
}
