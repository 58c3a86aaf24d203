using Anatomic.Wire;

namespace Anatomic.Engine.Torrents;

public enum TorrentState
{
    /// <summary>The data on disk is read and compared with the hashes.</summary>
    Checking,

    /// <summary>The info dictionary of a magnet, or the piece layers of a v2 torrent, are fetched from peers.</summary>
    Metadata,

    Downloading,

    /// <summary>Every wanted piece is verified and written.</summary>
    Seeding,

    Stopped,

    /// <summary>It cannot go on; <see cref="TorrentStatus.Fault"/> says why.</summary>
    Faulted,
}

/// <summary>How a torrent stands; a snapshot taken about once a second and at every change of state.</summary>
public sealed record TorrentStatus
{
    public required TorrentState State { get; init; }

    /// <summary>The torrent's name; a magnet's display name or its hash until the info dictionary is known.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-1 of the info dictionary (BEP 3); null for a torrent that is only v2.</summary>
    public Hash20? InfoHashV1 { get; init; }

    /// <summary>SHA-256 of the info dictionary (BEP 52); null for a torrent that is only v1.</summary>
    public Hash32? InfoHashV2 { get; init; }

    /// <summary>Bytes of the wanted pieces that are verified (while checking: that are found good so far).</summary>
    public long Done { get; init; }

    /// <summary>Bytes of the wanted pieces; 0 until the metadata is known.</summary>
    public long Total { get; init; }

    /// <summary>Payload received, bytes a second.</summary>
    public long DownloadRate { get; init; }

    /// <summary>Payload sent, bytes a second.</summary>
    public long UploadRate { get; init; }

    /// <summary>Payload received since the torrent was added, bytes.</summary>
    public long Downloaded { get; init; }

    /// <summary>Payload sent since the torrent was added, bytes.</summary>
    public long Uploaded { get; init; }

    /// <summary>Connected peers that have shaken hands.</summary>
    public int Peers { get; init; }

    /// <summary>Connected peers that have everything.</summary>
    public int Seeds { get; init; }

    /// <summary>Time to the end at the present rate; null when nothing arrives or nothing is missing.</summary>
    public TimeSpan? Eta { get; init; }

    /// <summary>Every file without padding, in the order of the torrent.</summary>
    public IReadOnlyList<FileStatus> Files { get; init; } = [];

    public IReadOnlyList<TrackerStatus> Trackers { get; init; } = [];

    /// <summary>Why the latest connections ended, newest last, at most 16: <c>1.2.3.4:6881: it sent a wrong piece 7</c>.</summary>
    public IReadOnlyList<string> RecentDisconnects { get; init; } = [];

    /// <summary>Why it cannot go on, for a person; null unless <see cref="TorrentState.Faulted"/>.</summary>
    public string? Fault { get; init; }
}

/// <param name="Path">Relative to the download folder, parts joined by <c>/</c>.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Done">Bytes that lie in verified pieces.</param>
/// <param name="Wanted">Whether it is selected.</param>
public sealed record FileStatus(string Path, long Length, long Done, bool Wanted);

/// <param name="Url">The announce URL.</param>
/// <param name="Tier">From 0 (BEP 12); -1 for one that a finder brought.</param>
/// <param name="Swarm">Which swarm is announced there: the v1 info-hash or the truncated v2 info-hash.</param>
/// <param name="Message">What it last said or why it failed, for a person; empty before the first announce.</param>
/// <param name="Working">Whether the last announce succeeded.</param>
/// <param name="Next">When it is asked again; null when it is not its turn.</param>
/// <param name="Seeds">Seeds that it reports; null when it does not.</param>
/// <param name="Leechers">Leeches that it reports; null when it does not.</param>
public sealed record TrackerStatus(
    string Url,
    int Tier,
    Hash20 Swarm,
    string Message,
    bool Working,
    DateTimeOffset? Next,
    int? Seeds,
    int? Leechers
);
