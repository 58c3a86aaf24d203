using System.Net;

namespace Anatomic.Tracker.Policy;

/// <summary>How a tracker behaves.</summary>
public sealed record TrackerOptions
{
    /// <summary>
    /// The <see cref="RateLimit"/> for a tracker on the Internet. A seedbox with a thousand torrents behind one address
    /// starts within its burst of 4,000 requests; one with 300,000 torrents can still announce each of them twice an
    /// hour.
    /// </summary>
    public const int DefaultRateLimit = 200;

    /// <summary>True: every torrent is tracked. False: only torrents that were admitted (planted).</summary>
    public bool Open { get; init; }

    /// <summary>
    /// Accepts peers with private, loopback and other special addresses. Otherwise such a client gets a reply, but is
    /// not stored, because nobody on the Internet could connect to it. For private networks only.
    /// </summary>
    public bool AllowPrivate { get; init; }

    /// <summary>
    /// How often clients announce. Each reply adds a random part of up to an eighth, so that clients that started
    /// together drift apart. The default of 30 minutes is what most trackers use; the minimum is 1 second.
    /// </summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// The target rate. Above it the interval grows with the load, up to twice its length, and peers are kept for as
    /// much longer. The default is a fifth of what one core answers over UDP. Above it, announces would delay a node's
    /// other work: plants and partners.
    /// </summary>
    public int AnnouncesPerSecond { get; init; } = 20_000;

    /// <summary>
    /// The <c>min interval</c> of replies. Clients that announce more often still get an answer. At most
    /// <see cref="Interval"/>.
    /// </summary>
    public TimeSpan MinInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// A peer that has not announced for this long is removed. Under load it grows with the interval. Longer than 9/8
    /// of <see cref="Interval"/>, and at most 4 hours.
    /// </summary>
    public TimeSpan PeerTimeout { get; init; } = TimeSpan.FromMinutes(45);

    /// <summary>
    /// A peer that announces again after this time is reported to partners again. Less than <see cref="PeerTimeout"/>.
    /// </summary>
    public TimeSpan RenewAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The <c>retry in</c> of a rejected announce (BEP 31): whole minutes, at least 1.</summary>
    public TimeSpan RetryIn { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Maximum number of swarms, planted ones included. An open tracker rejects new ones at the limit.
    /// </summary>
    public int MaxSwarms { get; init; } = 4_000_000;

    /// <summary>Maximum number of peers, shared ones included. New ones are rejected at the limit.</summary>
    public int MaxPeers { get; init; } = 16_000_000;

    /// <summary>
    /// Maximum of <see cref="Statistics.TrackerStatistics.MemoryBytes"/>, in bytes; at least 1 MiB. At the limit, new
    /// swarms and peers are rejected; existing ones are still served.
    /// </summary>
    public long MaxMemoryBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// The access tokens of a private tracker: announces and scrapes need one of them. Empty: the tracker is public.
    /// Each has 8 to 64 letters, digits, <c>-</c>, <c>_</c> or <c>.</c>. They never appear in statistics, pages or
    /// logs.
    /// </summary>
    public IReadOnlyList<string> AnnounceTokens { get; init; } = [];

    /// <summary>
    /// Sustained announces and scrapes per second from one source (an IPv4 address or an IPv6 /64), after a burst of 20
    /// seconds' worth. 0: unlimited; at most 1,000,000. Only requests from a verified source address count. The rest
    /// are rejected.
    /// </summary>
    public int RateLimit { get; init; }

    /// <summary>
    /// Answers an HTTP scrape without <c>info_hash</c> with every swarm, at most half a million in 64 MiB. Otherwise it
    /// is rejected.
    /// </summary>
    public bool FullScrape { get; init; }

    /// <summary>
    /// Proxies whose <c>X-Forwarded-For</c> header is trusted (its last hop). The header of any other sender is
    /// ignored.
    /// </summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Returns every fault of these options, a sentence each; empty if they are valid.</summary>
    public IReadOnlyList<string> Validate()
    {
        var faults = new List<string>();
        if (Interval < TimeSpan.FromSeconds(1))
        {
            faults.Add("the interval is shorter than a second");
        }
        if (MinInterval > Interval || MinInterval < TimeSpan.Zero)
        {
            faults.Add("the min interval is longer than the interval, or negative");
        }
        if (PeerTimeout <= Interval + (Interval / 8) || PeerTimeout > TimeSpan.FromHours(4))
        {
            faults.Add("the peer timeout must be longer than 9/8 of the interval and at most 4 hours");
        }
        if (RenewAfter >= PeerTimeout || RenewAfter <= TimeSpan.Zero)
        {
            faults.Add("peers must be renewed at partners before they time out");
        }
        if (RetryIn < TimeSpan.FromMinutes(1))
        {
            faults.Add("the retry time is shorter than a minute");
        }
        if (MaxSwarms < 1 || MaxPeers < 1)
        {
            faults.Add("the limits must allow at least one swarm and one peer");
        }
        if (AnnouncesPerSecond < 1)
        {
            faults.Add("the target rate must be at least one announce per second");
        }
        if (MaxMemoryBytes < 1 << 20)
        {
            faults.Add("the memory limit must be at least 1 MiB");
        }
        if (AnnounceTokens.Any(token => !AccessTokens.IsValid(token)))
        {
            faults.Add("an announce token must be 8 to 64 letters, digits, dashes, underscores or dots");
        }
        if (RateLimit is < 0 or > 1_000_000)
        {
            faults.Add("the rate limit is negative or above a million requests per second");
        }
        return faults;
    }
}
