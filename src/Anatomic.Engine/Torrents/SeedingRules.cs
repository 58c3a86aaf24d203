namespace Anatomic.Engine.Torrents;

/// <summary>Decides when a seeding torrent has reached a goal, and when it unloads what it does not need.</summary>
internal static class SeedingRules
{
    /// <summary>The sentence that names the reached goal; null while none is reached.</summary>
    public static string? GoalReached(TorrentCore core, TorrentRun run, DateTimeOffset now)
    {
        var goals = core.Settings.Goals ?? core.Shared.Options.Goals;
        var totals = core.Totals;
        return core.Lifecycle.Completed.IsCompletedSuccessfully && core.Lifecycle.Phase.State == TorrentState.Seeding
            ? goals.Reached(totals.UploadedBytes, core.Progress.Total, totals.SeedingTime, now - run.LastUpload)
            : null;
    }

    /// <summary>Whether a goal can be reached while nothing happens.</summary>
    public static bool HasTimeGoal(TorrentCore core) =>
        (core.Settings.Goals ?? core.Shared.Options.Goals) is { Time: not null } or { Idle: not null };

    /// <summary>
    /// Whether the torrent can unload its metainfo and close its files: it is complete and saved, and no peer is
    /// connected or known.
    /// </summary>
    public static bool CanGoIdle(TorrentCore core, TorrentRun run, DateTimeOffset now) =>
        core.Shared.Store is not null
        && core.Lifecycle.Completed.IsCompletedSuccessfully
        && core.Lifecycle.Phase is TransferPhase { State: TorrentState.Seeding, IsSaved: true }
        && now - run.WokenAt >= EngineLimits.IdleAfter
        && run.EmptySince is { } since
        && (now - since >= EngineLimits.IdleAfter || run.Addresses.Count == 0);
}
