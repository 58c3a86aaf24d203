namespace Anatomic.Cli.Transfers;

/// <summary>How long a finished download goes on uploading; with neither goal it ends when it is complete.</summary>
/// <param name="Ratio">Uploaded bytes by the torrent's bytes; null: no such goal.</param>
/// <param name="Time">Since it was complete; null: no such goal.</param>
internal sealed record SeedGoal(double? Ratio, TimeSpan? Time)
{
    /// <summary>Whichever goal is met first ends it.</summary>
    public bool IsMet(long uploaded, long total, TimeSpan since) =>
        (Ratio is null && Time is null)
        || (Ratio is { } ratio && uploaded >= ratio * total)
        || (Time is { } time && since >= time);
}
