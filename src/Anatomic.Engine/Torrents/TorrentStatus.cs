using Anatomic.Engine.Settings;
using Anatomic.Wire;

namespace Anatomic.Engine.Torrents;

/// <summary>A snapshot of a torrent, taken about once per second and at every change of state.</summary>
public sealed record TorrentStatus
{
    public required TorrentState State { get; init; }

    /// <summary>Whether the user wants the torrent to run.</summary>
    public RunMode Mode { get; init; }

    /// <summary>
    /// The torrent's name. Until the info dictionary is known, the magnet link's display name or the info-hash.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>The SHA-1 of the info dictionary (BEP 3); null for a torrent that is only v2.</summary>
    public Hash20? InfoHashV1 { get; init; }

    /// <summary>The SHA-256 of the info dictionary (BEP 52); null for a torrent that is only v1.</summary>
    public Hash32? InfoHashV2 { get; init; }

    /// <summary>Verified bytes of the wanted pieces. During a check, the bytes found valid so far.</summary>
    public long Done { get; init; }

    /// <summary>Bytes of all wanted pieces; 0 until the metadata is known.</summary>
    public long Total { get; init; }

    /// <summary>Payload received, in bytes per second.</summary>
    public long DownloadRate { get; init; }

    /// <summary>Payload sent, in bytes per second.</summary>
    public long UploadRate { get; init; }

    /// <summary>Payload received since the torrent was added, in bytes.</summary>
    public long Downloaded { get; init; }

    /// <summary>
    /// Payload received twice, unrequested or for pieces that became unwanted, in bytes; not in Downloaded.
    /// </summary>
    public long Redundant { get; init; }

    /// <summary>Payload received in pieces whose hash was wrong, in bytes.</summary>
    public long HashFailed { get; init; }

    /// <summary>Payload sent since the torrent was added, in bytes.</summary>
    public long Uploaded { get; init; }

    /// <summary>Connected peers that have completed the handshake.</summary>
    public int Peers { get; init; }

    /// <summary>Connected peers that have all pieces.</summary>
    public int Seeds { get; init; }

    /// <summary>
    /// The time to completion at the current rate; null when nothing is received or nothing is missing.
    /// </summary>
    public TimeSpan? Eta { get; init; }

    /// <summary>During a check, the bytes that were compared so far; else 0.</summary>
    public long CheckedBytes { get; init; }

    /// <summary>Bytes moved so far while the data is moved; else 0.</summary>
    public long MovedBytes { get; init; }

    /// <summary>Bytes to move while the data is moved; else 0.</summary>
    public long MoveBytes { get; init; }

    /// <summary>Its place in the session's queue; lower is first.</summary>
    public long QueuePosition { get; init; }

    /// <summary>When the torrent was added, by the wall clock.</summary>
    public DateTimeOffset AddedAt { get; init; }

    /// <summary>When every wanted piece was verified and written for the first time; null before.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>
    /// Why the torrent cannot continue, for the user; null unless the state is <see cref="TorrentState.Faulted"/>.
    /// </summary>
    public string? Fault { get; init; }
}
