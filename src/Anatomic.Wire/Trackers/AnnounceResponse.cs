namespace Anatomic.Wire.Trackers;

/// <summary>A tracker's response to an announce over HTTP or UDP, as read by a client.</summary>
public sealed record AnnounceResponse
{
    /// <summary>Why the tracker rejected the announce, as worded by it; null on success.</summary>
    public string? FailureReason { get; init; }

    /// <summary>A warning for the user; null: none.</summary>
    public string? WarningMessage { get; init; }

    /// <summary>When to announce again; null: not given (failures, UDP errors).</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>Shortest time until the next announce; null: not given.</summary>
    public TimeSpan? MinInterval { get; init; }

    /// <summary>When to retry after a failure (BEP 31); null: not given.</summary>
    public TimeSpan? RetryIn { get; init; }

    /// <summary>Whether the client must not announce this torrent again (BEP 31's <c>never</c>).</summary>
    public bool NeverRetry { get; init; }

    /// <summary>To be sent with the next announce; null: keep the previous one.</summary>
    public byte[]? TrackerId { get; init; }

    /// <summary>Number of seeds; null: not given.</summary>
    public int? Complete { get; init; }

    /// <summary>Number of peers that are not seeds; null: not given.</summary>
    public int? Incomplete { get; init; }

    /// <summary>Number of completed downloads, which some trackers add over HTTP; null: not given.</summary>
    public int? Downloaded { get; init; }

    /// <summary>The client's address as seen by the tracker (BEP 24), with port 0; null: not given.</summary>
    public Endpoint? ExternalAddress { get; init; }

    /// <summary>
    /// Peers to connect to, none with port 0; at most <see cref="TrackerProtocolLimits.MaxPeersRead"/>.
    /// </summary>
    public IReadOnlyList<Endpoint> Peers { get; init; } = [];
}

/// <summary>The counts of one swarm in a scrape.</summary>
/// <param name="Complete">Number of seeds.</param>
/// <param name="Downloaded">Completed downloads, as far as the tracker remembers.</param>
/// <param name="Incomplete">Number of peers that are not seeds.</param>
public readonly record struct ScrapeCounts(int Complete, int Downloaded, int Incomplete)
{
    /// <summary>
    /// Peers that are still downloading, without partial seeds (BEP 21). Only HTTP has it; null: not given.
    /// </summary>
    public int? Downloaders { get; init; }
}

/// <summary>A tracker's response to an HTTP scrape (BEP 48).</summary>
public sealed record ScrapeResponse
{
    /// <summary>Why the tracker rejected the scrape, as worded by it; null on success.</summary>
    public string? FailureReason { get; init; }

    /// <summary>The counts, in the order of the response; swarms unknown to the tracker are missing.</summary>
    public IReadOnlyList<(Hash20 Swarm, ScrapeCounts Counts)> Files { get; init; } = [];

    /// <summary>Shortest time between two scrapes (<c>flags.min_request_interval</c>); null: not given.</summary>
    public TimeSpan? MinInterval { get; init; }
}
