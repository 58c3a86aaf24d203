using Anatomic.Wire.Trackers;

namespace Anatomic.Engine.Trackers;

/// <summary>
/// Merges the outcomes of announcing over both address families of a tracker (BEP 7). One success is enough: a family
/// that fails does not fail the tracker.
/// </summary>
internal static class AnnounceMerge
{
    public static AnnounceOutcome Merge(IReadOnlyList<AnnounceOutcome> outcomes)
    {
        var merged = outcomes[0];
        for (var i = 1; i < outcomes.Count; i++)
        {
            merged = Merge(merged, outcomes[i]);
        }
        return merged;
    }

    private static AnnounceOutcome Merge(AnnounceOutcome a, AnnounceOutcome b)
    {
        var (rankA, rankB) = (Rank(a), Rank(b));
        return rankA != rankB || a.Response is null || b.Response is null
            ? (rankA >= rankB ? a : b)
            : a with
            {
                Response = Merge(a.Response, b.Response),
            };
    }

    private static int Rank(AnnounceOutcome outcome) =>
        outcome.Response is null ? 0
        : outcome.Response.FailureReason is not null ? 1
        : 2;

    /// <summary>The later of two times, so that neither is broken; the larger counts; the peers of both.</summary>
    private static AnnounceResponse Merge(AnnounceResponse a, AnnounceResponse b) =>
        a with
        {
            Interval = Later(a.Interval, b.Interval),
            MinInterval = Later(a.MinInterval, b.MinInterval),
            RetryIn = Later(a.RetryIn, b.RetryIn),
            NeverRetry = a.NeverRetry && b.NeverRetry,
            WarningMessage = a.WarningMessage ?? b.WarningMessage,
            TrackerId = a.TrackerId ?? b.TrackerId,
            Complete = Larger(a.Complete, b.Complete),
            Incomplete = Larger(a.Incomplete, b.Incomplete),
            Downloaded = Larger(a.Downloaded, b.Downloaded),
            Peers = [.. a.Peers, .. b.Peers],
        };

    private static TimeSpan? Later(TimeSpan? a, TimeSpan? b) => a is null || b > a ? b : a;

    private static int? Larger(int? a, int? b) => a is null || b > a ? b : a;
}
