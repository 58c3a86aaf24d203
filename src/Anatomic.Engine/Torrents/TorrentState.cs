namespace Anatomic.Engine.Torrents;

/// <summary>What a torrent is doing.</summary>
public enum TorrentState
{
    /// <summary>The user or a goal has stopped it.</summary>
    Stopped,

    /// <summary>It waits until the session's queue admits it.</summary>
    Queued,

    /// <summary>
    /// Downloads the info dictionary of a magnet link, or the piece layers of a v2 torrent, from peers.
    /// </summary>
    Metadata,

    /// <summary>Reads the data on disk and compares it with the hashes.</summary>
    Checking,

    /// <summary>Downloads wanted pieces.</summary>
    Downloading,

    /// <summary>Has verified and written every wanted piece, and uploads them.</summary>
    Seeding,

    /// <summary>Moves its data to another folder.</summary>
    Moving,

    /// <summary>
    /// Cannot continue; <see cref="TorrentStatus.Fault"/> says why. It goes on by itself when the cause has ended, or
    /// when the user starts it.
    /// </summary>
    Faulted,
}
