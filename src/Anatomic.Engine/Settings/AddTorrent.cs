using Anatomic.Engine.Trackers;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Settings;

/// <summary>A torrent to download or seed, from its metainfo or from a magnet link.</summary>
public sealed record AddTorrent
{
    /// <summary>The torrent's metainfo. Exactly one of this and <see cref="Magnet"/> is set.</summary>
    public TorrentMetainfo? Metainfo { get; init; }

    /// <summary>A magnet link, whose metadata is downloaded from peers (BEP 9).</summary>
    public MagnetLink? Magnet { get; init; }

    /// <summary>
    /// The absolute folder that contains the torrent's file or folder: <c>folder/name</c> for a single-file torrent,
    /// <c>folder/name/…</c> for a multi-file one. It need not exist yet.
    /// </summary>
    public required string Folder { get; init; }

    /// <summary>
    /// The absolute path of the torrent's own file or folder, when its name differs from the torrent's. Null (default):
    /// <see cref="Folder"/> and the torrent's name.
    /// </summary>
    public string? DataPath { get; init; }

    /// <summary>
    /// Additional peers: <c>1.2.3.4:6881</c>, <c>[::1]:6881</c> or <c>host:6881</c>. They are dialled even when
    /// private.
    /// </summary>
    public IReadOnlyList<string> Peers { get; init; } = [];

    /// <summary>Additional announce URLs, each a tier of its own after the torrent's tiers.</summary>
    public IReadOnlyList<string> Trackers { get; init; } = [];

    /// <summary>
    /// The indexes of the files to download, in the torrent's order without padding. Null (default): all files, or
    /// those that a magnet link selects with <c>so</c> (BEP 53).
    /// </summary>
    public IReadOnlyList<int>? Files { get; init; }

    /// <summary>
    /// Downloads pieces in order instead of the rarest first, to play a file during its download. Default false.
    /// </summary>
    public bool Sequential { get; init; }

    /// <summary>Checks the data and uploads what is valid, without downloading anything. Default false.</summary>
    public bool SeedOnly { get; init; }

    /// <summary>Adds the torrent without starting it. Default false.</summary>
    public bool Paused { get; init; }

    /// <summary>
    /// Stops when the metadata of a magnet link is known, so that files can be selected. Default false.
    /// </summary>
    public bool StopAtMetadata { get; init; }

    /// <summary>
    /// The priority of each file without padding: 0 for unwanted, then 1 to 7, where 7 is downloaded first. Null
    /// (default): the selected files have the normal priority 4. <see cref="Files"/> is ignored when it is set.
    /// </summary>
    public IReadOnlyList<byte>? FilePriorities { get; init; }

    /// <summary>
    /// Trusts that every file with its full length is valid, and downloads the others. Default false: all existing data
    /// is checked.
    /// </summary>
    public bool SkipCheck { get; init; }

    /// <summary>
    /// Lets the download overwrite existing files that are not the torrent's, and shorten those that are too long.
    /// Default false: such a file is a fault that names it.
    /// </summary>
    public bool Overwrite { get; init; }

    /// <summary>
    /// Offers each peer one piece at a time, so that a new torrent's only seed uploads little more than once (BEP 16).
    /// Default false.
    /// </summary>
    public bool SuperSeed { get; init; }

    /// <summary>
    /// When the session already has the torrent: adds the trackers to it and returns it. Default false: that is an
    /// <see cref="EngineException"/>.
    /// </summary>
    public bool MergeDuplicate { get; init; }

    /// <summary>Download limit of this torrent, in bytes per second; 0 (default): none of its own.</summary>
    public long MaxDownloadBytesPerSecond { get; init; }

    /// <summary>Upload limit of this torrent, in bytes per second; 0 (default): none of its own.</summary>
    public long MaxUploadBytesPerSecond { get; init; }

    /// <summary>When the torrent stops seeding; null (default): the session's goals.</summary>
    public SeedGoals? Goals { get; init; }

    /// <summary>Supplies current announce URLs when all trackers fail; null (default): none.</summary>
    public ITrackerSource? TrackerSource { get; init; }

    /// <summary>Checks that the arguments fit together.</summary>
    /// <exception cref="EngineException">They do not; the message says why.</exception>
    internal void Validate()
    {
        if ((Metainfo is null) == (Magnet is null))
        {
            throw new EngineException(
                "A torrent is added from its metainfo or from a magnet link; give exactly one of the two."
            );
        }
        if (Metainfo is { } known)
        {
            var count = known.Info.ContentFiles.Count;
            if (Files?.Any(file => file < 0 || file >= count) == true)
            {
                throw new EngineException($"A file index is out of range; the torrent has the files 0 to {count - 1}.");
            }
            if (FilePriorities is { } priorities && priorities.Count != count)
            {
                throw new EngineException($"The torrent has {count} files; give each a priority.");
            }
        }
        if (FilePriorities?.Any(priority => priority > TorrentSettings.HighestPriority) == true)
        {
            throw new EngineException($"A priority is above {TorrentSettings.HighestPriority}.");
        }
        if (Peers.FirstOrDefault(peer => !PeerAddress.IsValid(peer)) is { } invalid)
        {
            throw new EngineException(
                $"'{invalid}' is not a peer address. Write 1.2.3.4:6881, [::1]:6881 or host:6881."
            );
        }
    }

    /// <summary>The durable settings of the torrent.</summary>
    internal TorrentSettings ToSettings(DateTimeOffset now) =>
        new()
        {
            AddedAt = now,
            DataPath = DataPath,
            Folder = Folder,
            FilePriorities = FilePriorities ?? SelectedPriorities(),
            Goals = Goals,
            Magnet = Magnet?.ToString(),
            MaxDownloadBytesPerSecond = MaxDownloadBytesPerSecond,
            MaxUploadBytesPerSecond = MaxUploadBytesPerSecond,
            Mode = Paused ? RunMode.Stopped : RunMode.Started,
            Overwrite = Overwrite,
            Peers = Peers,
            SeedOnly = SeedOnly,
            SelectedFiles = Metainfo is null ? Files : null,
            Sequential = Sequential,
            StopAtMetadata = StopAtMetadata,
            SuperSeed = SuperSeed,
            Trackers = Trackers.Count > 0 ? AllTiers() : null,
        };

    /// <summary>All announce URLs: the torrent's tiers, then one tier for each further URL.</summary>
    internal IReadOnlyList<IReadOnlyList<string>> AllTiers()
    {
        var tiers = new List<IReadOnlyList<string>>(Metainfo?.AnnounceTiers ?? []);
        tiers.AddRange((Magnet?.Trackers ?? []).Select(url => new[] { url }));
        tiers.AddRange(Trackers.Select(url => new[] { url }));
        return tiers;
    }

    /// <summary>The priorities of the selected files; null when none are selected or the files are not known.</summary>
    private byte[]? SelectedPriorities() =>
        Metainfo is { } known && Files is { } chosen
            ?
            [
                .. Enumerable
                    .Range(0, known.Info.ContentFiles.Count)
                    .Select(file => chosen.Contains(file) ? TorrentSettings.NormalPriority : (byte)0),
            ]
            : null;
}
