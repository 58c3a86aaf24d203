namespace Anatomic.Engine.Peers;

/// <summary>Where a peer's address came from, in ascending order of preference when we dial.</summary>
internal enum PeerSource
{
    /// <summary>The peer connected to us.</summary>
    Incoming,

    /// <summary>A magnet link (<c>x.pe</c>).</summary>
    Magnet,

    /// <summary>A tracker that the tracker source named, not the torrent or the user.</summary>
    TrackerSource,

    /// <summary>One of the torrent's own trackers.</summary>
    Tracker,

    /// <summary>The user. Dialled first, and may be private.</summary>
    User,
}
