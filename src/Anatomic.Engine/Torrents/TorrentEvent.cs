namespace Anatomic.Engine.Torrents;

/// <summary>What happened to a torrent.</summary>
public enum TorrentEventKind
{
    /// <summary>The state changed; <see cref="TorrentEvent.State"/> is the new one.</summary>
    StateChanged,

    /// <summary>The info dictionary of a magnet link is known.</summary>
    MetadataKnown,

    /// <summary>Every wanted piece is verified and written.</summary>
    Completed,

    /// <summary>A ratio, time or idle goal stopped the torrent.</summary>
    GoalReached,

    /// <summary>A peer was banned.</summary>
    PeerBanned,
}

/// <summary>One event of a torrent, for logs and notifications.</summary>
/// <param name="At">When it happened, by the wall clock.</param>
/// <param name="Kind">What happened.</param>
/// <param name="State">The torrent's state after the event.</param>
/// <param name="Reason">Why, for the user; empty when the kind says it all.</param>
public sealed record TorrentEvent(DateTimeOffset At, TorrentEventKind Kind, TorrentState State, string Reason);
