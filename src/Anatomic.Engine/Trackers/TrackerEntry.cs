namespace Anatomic.Engine.Trackers;

/// <summary>
/// One tracker of a swarm and the results of announcing to it. A session may have tens of thousands, so times are held
/// as ticks and counts without nullables.
/// </summary>
internal sealed class TrackerEntry(string url, int tier)
{
    private long nextTicks;
    private long permittedTicks;
    private long lastAskedTicks;
    private int seeds = -1;
    private int leechers = -1;
    private int downloaded = -1;
    private int peers;
    private string? message;

    public string Url { get; } = url;

    /// <summary>The tier, from 0; <see cref="TrackerStatus.DiscoveredTier"/> for a tracker of the source.</summary>
    public int Tier { get; set; } = tier;

    /// <summary>Consecutive failures.</summary>
    public int Failures { get; private set; }

    /// <summary>When the next announce is due; <see cref="DateTimeOffset.MaxValue"/>: never.</summary>
    public DateTimeOffset Next
    {
        get => new(nextTicks, TimeSpan.Zero);
        set => nextTicks = value.UtcTicks;
    }

    /// <summary>The earliest time at which the tracker permits an announce without an event.</summary>
    public DateTimeOffset Permitted
    {
        get => new(permittedTicks, TimeSpan.Zero);
        private set => permittedTicks = value.UtcTicks;
    }

    /// <summary>When the tracker was asked last; null: never.</summary>
    public DateTimeOffset? LastAsked => lastAskedTicks == 0 ? null : new DateTimeOffset(lastAskedTicks, TimeSpan.Zero);

    /// <summary>The last announce succeeded.</summary>
    public bool IsWorking { get; private set; }

    /// <summary>An announce is waiting for its turn or its response.</summary>
    public bool IsAnnouncing { get; set; }

    /// <summary>The tracker may know us as a peer of the swarm, so it must receive <c>stopped</c>.</summary>
    public bool KnowsUs { get; set; }

    /// <summary>To be sent back with the next announce (BEP 3's <c>tracker id</c>).</summary>
    public byte[]? TrackerId { get; private set; }

    public int? Seeds => seeds < 0 ? null : seeds;
    public int? Leechers => leechers < 0 ? null : leechers;
    public int? Downloaded => downloaded < 0 ? null : downloaded;

    /// <summary>The tracker's last message or why the last announce failed; empty before the first.</summary>
    public string Message => message ?? (IsWorking ? DescribePeerCount(peers) : "");

    public void Asked(DateTimeOffset now)
    {
        lastAskedTicks = now.UtcTicks;
        IsAnnouncing = true;
    }

    public void Succeeded(AnnounceAnswer answer, DateTimeOffset next, DateTimeOffset permitted)
    {
        IsAnnouncing = false;
        IsWorking = true;
        KnowsUs = true;
        Failures = 0;
        (Next, Permitted) = (next, permitted);
        TrackerId = answer.TrackerId ?? TrackerId;
        seeds = answer.Seeds ?? -1;
        leechers = answer.Leechers ?? -1;
        downloaded = answer.Downloaded ?? -1;
        peers = answer.Peers;
        message = answer.Warning;
    }

    /// <param name="reason">The reason, for the user.</param>
    /// <param name="next">When to try again.</param>
    /// <param name="permitted">The earliest time that the tracker named; null when it named none.</param>
    public void Failed(string reason, DateTimeOffset next, DateTimeOffset? permitted)
    {
        IsAnnouncing = false;
        IsWorking = false;
        Failures++;
        message = reason;
        Next = next;
        Permitted = permitted ?? Permitted;
    }

    private static string DescribePeerCount(int peers) =>
        peers switch
        {
            0 => "no other peers",
            1 => "1 peer",
            _ => $"{peers:N0} peers",
        };
}

/// <summary>What a tracker's entry keeps of a response.</summary>
internal readonly record struct AnnounceAnswer(
    int? Seeds,
    int? Leechers,
    int? Downloaded,
    int Peers,
    string? Warning,
    byte[]? TrackerId
);
