namespace Anatomic.Engine.Trackers;

/// <summary>One tracker of a swarm and the results of announcing to it.</summary>
internal sealed class TrackerEntry(string url, int tier)
{
    public string Url { get; } = url;

    /// <summary>The tier, from 0; -1 for a tracker from the tracker source.</summary>
    public int Tier { get; } = tier;

    /// <summary>Consecutive failures.</summary>
    public int Failures { get; set; }

    /// <summary>When the next announce is due.</summary>
    public DateTimeOffset NextAnnounce { get; set; }

    /// <summary>The earliest time of the next announce, as the tracker requested.</summary>
    public DateTimeOffset MinNextAnnounce { get; set; }

    /// <summary>The last message or failure, for the user.</summary>
    public string Message { get; set; } = "";
    public bool IsWorking { get; set; }

    /// <summary>The tracker received our <c>started</c>, so it must receive <c>stopped</c> too.</summary>
    public bool StartSent { get; set; }
    public byte[]? TrackerId { get; set; }
    public int? Seeds { get; set; }
    public int? Leechers { get; set; }
}
