namespace Anatomic.Engine.Torrents;

/// <summary>What a torrent is doing.</summary>
public enum TorrentState
{
    /// <summary>Reads the data on disk and compares it with the hashes.</summary>
    Checking,

    /// <summary>
    /// Downloads the info dictionary of a magnet link, or the piece layers of a v2 torrent, from peers.
    /// </summary>
    Metadata,

    /// <summary>Downloads wanted pieces.</summary>
    Downloading,

    /// <summary>Has verified and written every wanted piece, and uploads them.</summary>
    Seeding,

    /// <summary>Was stopped.</summary>
    Stopped,

    /// <summary>Cannot continue; <see cref="TorrentStatus.Fault"/> says why.</summary>
    Faulted,
}
