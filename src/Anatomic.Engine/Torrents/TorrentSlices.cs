namespace Anatomic.Engine.Torrents;

/// <summary>The parts of a torrent's published state, each with a version of its own.</summary>
[Flags]
public enum TorrentSlices
{
    None = 0,

    /// <summary><see cref="Torrent.Status"/>.</summary>
    Summary = 1,

    /// <summary><see cref="Torrent.Files"/>.</summary>
    Files = 2,

    /// <summary><see cref="Torrent.Peers"/>.</summary>
    Peers = 4,

    /// <summary><see cref="Torrent.Trackers"/>.</summary>
    Trackers = 8,

    /// <summary>Which pieces the torrent has.</summary>
    Pieces = 16,

    All = Summary | Files | Peers | Trackers | Pieces,
}
