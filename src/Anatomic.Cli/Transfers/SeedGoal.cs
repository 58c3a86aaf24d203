namespace Anatomic.Cli.Transfers;

/// <summary>When a completed download stops seeding; without a goal, at once.</summary>
/// <param name="Ratio">Uploaded bytes per byte of the torrent; null for no goal.</param>
/// <param name="Time">Time since completion; null for no goal.</param>
internal sealed record SeedGoal(double? Ratio, TimeSpan? Time)
{
    /// <summary>Whether either goal is met.</summary>
    public bool IsMet(long uploaded, long total, TimeSpan since) =>
        (Ratio is null && Time is null)
        || (Ratio is { } ratio && uploaded >= ratio * total)
        || (Time is { } time && since >= time);
}
