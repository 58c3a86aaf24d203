namespace Anatomic.Federation.Monitoring;

/// <summary>A tracker's figures at one moment, as the status page shows and remembers them; counts are since the start.</summary>
public sealed record TrackerReading
{
    public long HttpAnnounces { get; init; }

    public long UdpAnnounces { get; init; }

    /// <summary>Swarms known.</summary>
    public long Swarms { get; init; }

    /// <summary>First-hand peers that are complete.</summary>
    public long Seeds { get; init; }

    /// <summary>First-hand peers that are not.</summary>
    public long Leechers { get; init; }

    /// <summary>Peers that partners told of.</summary>
    public long SharedPeers { get; init; }

    /// <summary>Bytes of swarms and peers.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>How long announces took, in seconds; null: it is not measured.</summary>
    public MetricHistogram? Latency { get; init; }
}
