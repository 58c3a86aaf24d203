namespace Anatomic.Tracker.Statistics;

public enum TrackerProtocol
{
    Http,
    Udp,
}

/// <summary>What was asked, and what came of it.</summary>
public enum RequestOutcome
{
    /// <summary>A UDP connect, answered with a connection id.</summary>
    Connected,

    /// <summary>An announce, answered with peers.</summary>
    Announced,

    /// <summary>A scrape, answered; one for each request, however many torrents it asks for.</summary>
    Scraped,

    /// <summary>An announce of a torrent that is not planted here.</summary>
    NotPlanted,

    /// <summary>An announce of a torrent that the operator denies.</summary>
    Denied,

    /// <summary>An announce or a scrape without the token that the operator wants.</summary>
    NoToken,

    /// <summary>A request beyond what its source may ask.</summary>
    Limited,

    /// <summary>An announce that found the tracker full.</summary>
    Full,

    /// <summary>A request that the standards do not allow, answered with its fault.</summary>
    Refused,

    /// <summary>A datagram that is not answered: too short, or of no valid connection id.</summary>
    Dropped,
}

/// <summary>Requests since the start.</summary>
public readonly record struct RequestCount(TrackerProtocol Protocol, RequestOutcome Outcome, long Count);

/// <summary>The state of a tracker at one moment, for people and for metrics; holds no addresses.</summary>
public sealed record TrackerStatistics
{
    /// <summary>Swarms known, with or without peers.</summary>
    public required int Swarms { get; init; }

    /// <summary>Of them the admitted ones.</summary>
    public required int Planted { get; init; }

    /// <summary>First-hand peers that are complete.</summary>
    public required int Seeds { get; init; }

    /// <summary>First-hand peers that are not.</summary>
    public required int Leechers { get; init; }

    /// <summary>Peers that partners told of; one that two of them told counts twice.</summary>
    public required int SharedPeers { get; init; }

    /// <summary>Changes that wait for <see cref="TrackerService.DrainChanges"/>.</summary>
    public required int WaitingChanges { get; init; }

    /// <summary>
    /// Bytes of the swarms' slots, peers, indexes and waiting changes, counted where they are taken and given back; what the process
    /// needs beside them is not in it.
    /// </summary>
    public required long MemoryBytes { get; init; }

    /// <summary>For every protocol and outcome, in their order, those without any included.</summary>
    public required IReadOnlyList<RequestCount> Requests { get; init; }

    /// <summary>For every protocol and kind, in their order.</summary>
    public required IReadOnlyList<LatencyHistogram> Latencies { get; init; }
}
