namespace Anatomic.Wire.Trackers;

/// <summary>Why a client announces, with the numbers of BEP 15 and of BEP 21's <c>paused</c>.</summary>
public enum AnnounceEvent
{
    /// <summary>A regular announce.</summary>
    None = 0,

    /// <summary>The download has just completed.</summary>
    Completed = 1,
    Started = 2,
    Stopped = 3,

    /// <summary>A partial seed (BEP 21): it downloads nothing more, although the torrent is incomplete.</summary>
    Paused = 4,
}
