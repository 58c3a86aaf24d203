namespace Anatomic.Engine.Settings;

/// <summary>When a torrent stops seeding. Each goal is optional; the first one that is reached counts.</summary>
public sealed record SeedGoals
{
    /// <summary>No goal: the torrent seeds until the user stops it.</summary>
    public static readonly SeedGoals None = new();

    /// <summary>Uploaded bytes per wanted byte of the torrent, at least 0; null: no goal.</summary>
    public double? Ratio { get; init; }

    /// <summary>Time of seeding; null: no goal.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>Time of seeding in which nothing was sent; null: no goal.</summary>
    public TimeSpan? Idle { get; init; }

    /// <summary>The sentence that names the reached goal; null while none is reached.</summary>
    /// <param name="uploaded">Payload sent since the torrent was added, in bytes.</param>
    /// <param name="size">The wanted bytes of the torrent.</param>
    /// <param name="seeded">Time of seeding.</param>
    /// <param name="idle">Time since a block was sent, or since seeding began.</param>
    public string? Reached(long uploaded, long size, TimeSpan seeded, TimeSpan idle) =>
        Ratio is { } ratio && uploaded >= ratio * size ? "the ratio goal is reached"
        : Time is { } time && seeded >= time ? "the seeding time goal is reached"
        : Idle is { } longest && idle >= longest ? "nothing was uploaded for the time of the idle goal"
        : null;
}
