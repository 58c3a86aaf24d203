namespace Anatomic.Tracker.Statistics;

/// <summary>The state of a tracker at one moment, for status pages and metrics. Contains no addresses.</summary>
public sealed record TrackerStatistics
{
    /// <summary>Swarms, with or without peers.</summary>
    public required int Swarms { get; init; }

    /// <summary>Swarms that were admitted (planted).</summary>
    public required int Planted { get; init; }

    /// <summary>Local peers (those that announced here) that are complete.</summary>
    public required int Seeds { get; init; }

    /// <summary>Local peers that are not complete.</summary>
    public required int Leechers { get; init; }

    /// <summary>Peers reported by partners. A peer that two partners report counts twice.</summary>
    public required int SharedPeers { get; init; }

    /// <summary>Changes that are queued for <c>TrackerService.DrainChanges</c>.</summary>
    public required int WaitingChanges { get; init; }

    /// <summary>
    /// Bytes of the swarms' slots, peers, indexes and queued changes, counted at each allocation and release. Other
    /// memory of the process is not included.
    /// </summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Requests for every protocol and outcome, in the order of the enums; zeros are included.</summary>
    public required IReadOnlyList<RequestCount> Requests { get; init; }

    /// <summary>Latencies for every protocol and kind, in the order of the enums.</summary>
    public required IReadOnlyList<LatencyHistogram> Latencies { get; init; }
}
