namespace Anatomic.Federation.Monitoring;

/// <summary>A tracker's statistics at one moment, for the status page. Counts are since the start.</summary>
public sealed record TrackerReading
{
    public long HttpAnnounces { get; init; }

    public long UdpAnnounces { get; init; }

    /// <summary>Known swarms.</summary>
    public long Swarms { get; init; }

    /// <summary>First-hand seeds.</summary>
    public long Seeds { get; init; }

    /// <summary>First-hand leeches.</summary>
    public long Leechers { get; init; }

    /// <summary>Peers that partners shared.</summary>
    public long SharedPeers { get; init; }

    /// <summary>Memory of swarms and peers.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Durations of announces, in seconds; null: they are not measured.</summary>
    public MetricHistogram? Latency { get; init; }
}
