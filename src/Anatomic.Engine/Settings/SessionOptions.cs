using Anatomic.Engine.Trackers;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Settings;

/// <summary>
/// The settings of a session. <c>Session.StartAsync</c> validates them once and reports all faults together.
/// </summary>
public sealed record SessionOptions
{
    /// <summary>
    /// The TCP addresses on which peers are accepted; port 0 chooses a free port. Empty: the session only dials.
    /// </summary>
    public IReadOnlyList<Endpoint> Listen { get; init; } = [Endpoint.FromV4(0, 0)];

    /// <summary>
    /// Whether to dial loopback, private and link-local addresses that a tracker returns. When false (default), a
    /// tracker cannot make the program connect to services in the user's own network. Peers added by the user are
    /// always dialled.
    /// </summary>
    public bool AllowPrivate { get; init; }

    /// <summary>
    /// Download limit of all torrents together, in bytes per second; 0 (default): unlimited. Every byte counts,
    /// messages and metadata included.
    /// </summary>
    public long MaxDownloadBytesPerSecond { get; init; }

    /// <summary>
    /// Upload limit of all torrents together, in bytes per second; 0 (default): unlimited. Every byte counts, messages
    /// and metadata included.
    /// </summary>
    public long MaxUploadBytesPerSecond { get; init; }

    /// <summary>Maximum number of connected peers of all torrents together, 1–10,000; default 500.</summary>
    public int MaxPeers { get; init; } = 500;

    /// <summary>Maximum number of connected peers per torrent, 1–10,000; default 100.</summary>
    public int MaxPeersPerTorrent { get; init; } = 100;

    /// <summary>
    /// Maximum number of connected peers with one public address (IPv6: one /64), in a torrent and in the session,
    /// 1–10,000; default 8: several clients of one household.
    /// </summary>
    public int MaxPeersPerHost { get; init; } = 8;

    /// <summary>
    /// Maximum number of connected peers of one public network (IPv4 /24, IPv6 /48), in a torrent and in the session,
    /// 1–10,000; default 32.
    /// </summary>
    public int MaxPeersPerNetwork { get; init; } = 32;

    /// <summary>
    /// Number of unchoked peers per torrent, including the optimistic one, 2–1,000; 0 (default): as many as the upload
    /// limit or the upload rate is worth.
    /// </summary>
    public int UploadSlots { get; init; }

    /// <summary>The first 8 bytes of the peer id: client and version (BEP 20).</summary>
    public string PeerIdPrefix { get; init; } = "-AN1000-";

    /// <summary>
    /// Memory for pieces that are not written yet, in bytes for all torrents together, at least 1 MiB; default 128 MiB.
    /// </summary>
    public long PieceMemoryBytes { get; init; } = 128 << 20;

    /// <summary>
    /// Files of torrents kept open, 2–100,000; default 256, so that 500 peers fit beside them under the usual limit
    /// of 1,024 descriptors. The least recently used ones are closed.
    /// </summary>
    public int MaxOpenFiles { get; init; } = 256;

    /// <summary>
    /// Memory for data that was read for uploads, in bytes for all torrents together, at least 2 MiB; default 32 MiB.
    /// </summary>
    public long ReadCacheBytes { get; init; } = 32 << 20;

    /// <summary>
    /// The name of the store (<see cref="World.IStores"/>) that keeps the resume data. Null: every start checks all
    /// files.
    /// </summary>
    public string? ResumeStore { get; init; } = "torrents";

    /// <summary>
    /// Keeps the torrents, their settings and totals in the same store, and starts them again with the session. Default
    /// false: only the resume data is kept.
    /// </summary>
    public bool KeepTorrents { get; init; }

    /// <summary>
    /// Supplies the source of further trackers for a torrent that the session kept; called with its metainfo, or null
    /// for a magnet link. Null (default): none.
    /// </summary>
    public Func<TorrentMetainfo?, ITrackerSource?>? CreateTrackerSource { get; init; }

    /// <summary>How many torrents run at the same time; no limit by default.</summary>
    public QueueOptions Queue { get; init; } = new();

    /// <summary>When torrents without goals of their own stop seeding; never by default.</summary>
    public SeedGoals Goals { get; init; } = SeedGoals.None;

    /// <summary>Validates the options; returns one clause per fault, for the user, or an empty list.</summary>
    public IReadOnlyList<string> Validate()
    {
        var faults = new List<string>();
        Check(MaxDownloadBytesPerSecond >= 0, "the download limit is negative");
        Check(MaxUploadBytesPerSecond >= 0, "the upload limit is negative");
        Check(MaxPeers is >= 1 and <= 10_000, "the number of peers is not between 1 and 10,000");
        Check(MaxPeersPerTorrent is >= 1 and <= 10_000, "the number of peers per torrent is not between 1 and 10,000");
        Check(MaxPeersPerHost is >= 1 and <= 10_000, "the number of peers per host is not between 1 and 10,000");
        Check(MaxPeersPerNetwork is >= 1 and <= 10_000, "the number of peers per network is not between 1 and 10,000");
        Check(UploadSlots is 0 or (>= 2 and <= 1_000), "the number of upload slots is not between 2 and 1,000");
        Check(
            PeerIdPrefix.Length == 8 && PeerIdPrefix.All(char.IsAscii),
            "the prefix of the peer id is not 8 ASCII characters"
        );
        Check(!KeepTorrents || ResumeStore is not null, "torrents can be kept only in a store");
        Check(
            Queue is { MaxDownloads: >= 0, MaxSeeds: >= 0, MaxActive: >= 0, SlowBytesPerSecond: >= 0 },
            "a limit of the queue is negative"
        );
        Check(PieceMemoryBytes >= 1 << 20, "the memory for pieces is less than 1 MiB");
        Check(MaxOpenFiles is >= 2 and <= 100_000, "the number of open files is not between 2 and 100,000");
        Check(ReadCacheBytes >= 2 << 20, "the memory of the read cache is less than 2 MiB");
        return faults;

        void Check(bool isValid, string fault)
        {
            if (!isValid)
            {
                faults.Add(fault);
            }
        }
    }
}
