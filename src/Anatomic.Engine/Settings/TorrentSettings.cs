using Anatomic.Engine.Storage;

namespace Anatomic.Engine.Settings;

/// <summary>
/// What the user can change about a torrent. The session keeps it durably; commands of the torrent replace it.
/// </summary>
public sealed record TorrentSettings
{
    /// <summary>The priority of a file that the user has not changed.</summary>
    public const byte NormalPriority = 4;

    /// <summary>The priority of what is downloaded first.</summary>
    public const byte HighestPriority = 7;

    /// <summary>The name to show; null: the torrent's own.</summary>
    public string? Name { get; init; }

    /// <summary>The absolute folder that contains the torrent's file or folder.</summary>
    public required string Folder { get; init; }

    /// <summary>
    /// The absolute path of the torrent's own file or folder; null: <see cref="Folder"/> and its name.
    /// </summary>
    public string? DataPath { get; init; }

    /// <summary>Whether the torrent runs.</summary>
    public RunMode Mode { get; init; } = RunMode.Started;

    /// <summary>Its place in the session's queue; lower is first.</summary>
    public long QueuePosition { get; init; }

    /// <summary>
    /// The priority of each file without padding: 0 for unwanted, then 1 to 7, where 7 is downloaded first. Null: every
    /// file has <see cref="NormalPriority"/>.
    /// </summary>
    public IReadOnlyList<byte>? FilePriorities { get; init; }

    /// <summary>
    /// The selected files by index, until the metadata of a magnet link is known and <see cref="FilePriorities"/> takes
    /// over; null: all, or those that the link selects.
    /// </summary>
    public IReadOnlyList<int>? SelectedFiles { get; init; }

    /// <summary>Downloads pieces in order instead of the rarest first.</summary>
    public bool Sequential { get; init; }

    /// <summary>
    /// Offers each peer one piece at a time, so that a new torrent's only seed uploads little more than once (BEP 16).
    /// </summary>
    public bool SuperSeed { get; init; }

    /// <summary>Uploads what is valid and downloads nothing.</summary>
    public bool SeedOnly { get; init; }

    /// <summary>Stops when the metadata of a magnet link is known, so that files can be selected.</summary>
    public bool StopAtMetadata { get; init; }

    /// <summary>Replaces existing files that hold other data.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Announce URLs in tiers (BEP 12); null: those of the torrent.</summary>
    public IReadOnlyList<IReadOnlyList<string>>? Trackers { get; init; }

    /// <summary>Web seeds (BEP 19); null: those of the torrent. Kept, not yet used.</summary>
    public IReadOnlyList<string>? WebSeeds { get; init; }

    /// <summary>Peers that the user added.</summary>
    public IReadOnlyList<string> Peers { get; init; } = [];

    /// <summary>The magnet link by which the torrent was added; null when there was none.</summary>
    public string? Magnet { get; init; }

    /// <summary>Download limit in bytes per second; 0: none of its own.</summary>
    public long MaxDownloadBytesPerSecond { get; init; }

    /// <summary>Upload limit in bytes per second; 0: none of its own.</summary>
    public long MaxUploadBytesPerSecond { get; init; }

    /// <summary>When the torrent stops seeding; null: the session's goals.</summary>
    public SeedGoals? Goals { get; init; }

    /// <summary>When the torrent was added.</summary>
    public DateTimeOffset AddedAt { get; init; }

    /// <summary>When every wanted piece was verified and written for the first time; null before.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    internal DataPlace Place => DataPath is { } path ? new(path, IsTorrent: true) : new(Folder, IsTorrent: false);

    /// <summary>The settings with the data at another place.</summary>
    internal TorrentSettings At(DataPlace place) =>
        place.IsTorrent
            ? this with
            {
                DataPath = place.Root,
                Folder = Path.GetDirectoryName(place.Root) ?? place.Root,
            }
            : this with
            {
                DataPath = null,
                Folder = place.Root,
            };

    /// <summary>Whether a file is wanted, by its index among the files without padding.</summary>
    public bool Wants(int file) => PriorityOf(file) > 0;

    /// <summary>The priority of a file, 0 to 7.</summary>
    public byte PriorityOf(int file) =>
        FilePriorities is { } priorities && file < priorities.Count ? priorities[file] : NormalPriority;
}
