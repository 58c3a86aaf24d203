namespace Anatomic.Engine.Settings;

/// <summary>How many torrents run at the same time. 0 means no limit, the default of each.</summary>
public sealed record QueueOptions
{
    /// <summary>Torrents that download or fetch metadata.</summary>
    public int MaxDownloads { get; init; }

    /// <summary>Torrents that seed.</summary>
    public int MaxSeeds { get; init; }

    /// <summary>Torrents that download or seed.</summary>
    public int MaxActive { get; init; }

    /// <summary>
    /// A torrent that moves less than this, in bytes per second both ways together, for <see cref="SlowAfter"/> does
    /// not count. Default 2 KiB/s; 0: every running torrent counts.
    /// </summary>
    public long SlowBytesPerSecond { get; init; } = 2048;

    /// <summary>How long a torrent must be slow before it stops counting; default one minute.</summary>
    public TimeSpan SlowAfter { get; init; } = TimeSpan.FromMinutes(1);

    internal bool IsUnlimited => MaxDownloads == 0 && MaxSeeds == 0 && MaxActive == 0;
}
