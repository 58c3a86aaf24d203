namespace Anatomic.Peers.Load;

/// <summary>What came of a load.</summary>
internal sealed class LoadResult
{
    /// <summary>Good replies within the measured time.</summary>
    public long Answered { get; set; }

    /// <summary>Requests that had no reply in time.</summary>
    public long Lost { get; set; }

    /// <summary>Replies that were not what was asked for.</summary>
    public long Bad { get; set; }

    /// <summary>Replies to nothing that was waiting: too late, or twice.</summary>
    public long Strays { get; set; }

    /// <summary>Connections that the server ended though they were to be kept.</summary>
    public long Reopened { get; set; }

    /// <summary>Good replies of which no time was noted: the generator itself was late with their requests.</summary>
    public long Untimed { get; set; }

    public TimeSpan Time { get; set; }

    public Latencies Latencies { get; } = new();

    public double Rate => Answered / Math.Max(1e-9, Time.TotalSeconds);
}
