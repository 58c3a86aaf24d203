namespace Anatomic.Wire.Trackers;

/// <summary>Why a client announces; the numbers are those of BEP 15, and BEP 21's <c>paused</c>.</summary>
public enum AnnounceEvent
{
    /// <summary>The regular announce.</summary>
    None = 0,

    /// <summary>The download has just become complete.</summary>
    Completed = 1,
    Started = 2,
    Stopped = 3,

    /// <summary>A partial seed (BEP 21): wants nothing more, though the torrent is not complete.</summary>
    Paused = 4,
}
