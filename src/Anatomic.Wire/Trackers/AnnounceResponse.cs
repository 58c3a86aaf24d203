namespace Anatomic.Wire.Trackers;

/// <summary>A tracker's reply to an announce, over HTTP or UDP, as its client reads it.</summary>
public sealed record AnnounceResponse
{
    /// <summary>Why the tracker refused, in its own words; null: it did not, and all the rest counts.</summary>
    public string? FailureReason { get; init; }

    /// <summary>The tracker's remark for a person; null: none.</summary>
    public string? WarningMessage { get; init; }

    /// <summary>When to announce again; null: not said (failures, UDP errors).</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>No announce before this; null: not said.</summary>
    public TimeSpan? MinInterval { get; init; }

    /// <summary>With a failure: when to try again (BEP 31); null: not said.</summary>
    public TimeSpan? RetryIn { get; init; }

    /// <summary>With a failure: the tracker never wants to hear of this torrent again (BEP 31's <c>never</c>).</summary>
    public bool NeverRetry { get; init; }

    /// <summary>To be given back at the next announce; null: keep the one of before.</summary>
    public byte[]? TrackerId { get; init; }

    /// <summary>Seeds; null: not said.</summary>
    public int? Complete { get; init; }

    /// <summary>Peers that are no seeds; null: not said.</summary>
    public int? Incomplete { get; init; }

    /// <summary>This client's address as the tracker sees it (BEP 24), port 0; null: not said.</summary>
    public Endpoint? ExternalAddress { get; init; }

    /// <summary>Peers to dial, none with port 0; at most <see cref="TrackerProtocolLimits.MaxPeersRead"/>.</summary>
    public IReadOnlyList<Endpoint> Peers { get; init; } = [];
}

/// <summary>A scrape's figures of one swarm.</summary>
/// <param name="Complete">Seeds.</param>
/// <param name="Downloaded">How often the download has been completed, as far as the tracker remembers.</param>
/// <param name="Incomplete">Peers that are no seeds.</param>
public readonly record struct ScrapeCounts(int Complete, int Downloaded, int Incomplete)
{
    /// <summary>Of the peers that are no seeds those that still download (BEP 21), as HTTP says it; null: not said.</summary>
    public int? Downloaders { get; init; }
}

/// <summary>A tracker's reply to an HTTP scrape (BEP 48).</summary>
public sealed record ScrapeResponse
{
    /// <summary>Why the tracker refused, in its own words; null: it did not.</summary>
    public string? FailureReason { get; init; }

    /// <summary>The figures, in the order of the reply; a swarm that the tracker does not know is left out.</summary>
    public IReadOnlyList<(Hash20 Swarm, ScrapeCounts Counts)> Files { get; init; } = [];

    /// <summary>The least time between two scrapes (<c>flags.min_request_interval</c>); null: not said.</summary>
    public TimeSpan? MinInterval { get; init; }
}
