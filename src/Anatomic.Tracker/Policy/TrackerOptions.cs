using System.Net;
using Anatomic.Tracker.Statistics;

namespace Anatomic.Tracker.Policy;

/// <summary>How a tracker behaves.</summary>
public sealed record TrackerOptions
{
    /// <summary>Answers announces of any torrent; false: only of those that were admitted (planted).</summary>
    public bool Open { get; init; }

    /// <summary>
    /// Takes peers with private, loopback and other special addresses. Without it such a client is answered, but not remembered:
    /// nobody on the Internet could dial it. For private networks only.
    /// </summary>
    public bool AllowPrivate { get; init; }

    /// <summary>
    /// How often clients are asked to announce; a reply says this up to an eighth more, so that clients that came together drift
    /// apart. 30 minutes is what most trackers use; at least 1 second.
    /// </summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// When more announces come, clients are asked to come less often: the interval grows with the excess, to twice its length at
    /// most, and peers are kept so much longer. 20,000 are a fifth of what one core answers over UDP; beyond it a node's other
    /// work, plants and partners, would begin to wait for its announces.
    /// </summary>
    public int AnnouncesPerSecond { get; init; } = 20_000;

    /// <summary>The <c>min interval</c> of replies; more frequent announces are answered all the same. At most <see cref="Interval"/>.</summary>
    public TimeSpan MinInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// A peer is forgotten when it has not announced for so long, or for as much longer as intervals are under load. Longer than 9/8
    /// of <see cref="Interval"/>, at most 4 hours.
    /// </summary>
    public TimeSpan PeerTimeout { get; init; } = TimeSpan.FromMinutes(45);

    /// <summary>After so long a peer that announces again is told to partners again; less than <see cref="PeerTimeout"/>.</summary>
    public TimeSpan RenewAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>What <c>retry in</c> says with a refusal (BEP 31), in whole minutes, at least 1.</summary>
    public TimeSpan RetryIn { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Most swarms, planted ones included; an open tracker refuses new ones beyond it.</summary>
    public int MaxSwarms { get; init; } = 4_000_000;

    /// <summary>Most peers, shared ones included; new ones beyond it are refused.</summary>
    public int MaxPeers { get; init; } = 16_000_000;

    /// <summary>
    /// Most bytes of <see cref="TrackerStatistics.MemoryBytes"/>, at least a MiB; new swarms and peers that would need more are
    /// refused, those that are known are served on.
    /// </summary>
    public long MaxMemoryBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// Only announces and scrapes with one of these words are answered; none: all are. Each of 8 to 64 letters, digits and
    /// <c>- _ .</c>; they stand in no figure, page or log.
    /// </summary>
    public IReadOnlyList<string> AnnounceTokens { get; init; } = [];

    /// <summary>
    /// The <see cref="RateLimit"/> that suits a tracker on the Internet: a seedbox with a thousand torrents behind one address
    /// starts within its burst of 4,000 requests, and one with 300,000 torrents may still announce them twice an hour.
    /// </summary>
    public const int DefaultRateLimit = 200;

    /// <summary>
    /// Announces and scrapes a second that one source (an IPv4 address, an IPv6 /64) may go on making, after 20 seconds' worth at
    /// once; 0: no limit, else at most a million. Only requests that prove their source are charged. Beyond it they are refused.
    /// </summary>
    public int RateLimit { get; init; }

    /// <summary>
    /// Answers a scrape over HTTP that names no torrent with all of them, at most half a million in 64 MiB; else it is refused.
    /// </summary>
    public bool FullScrape { get; init; }

    /// <summary>Addresses of proxies whose <c>X-Forwarded-For</c> counts (its last hop); of nobody else it does.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Everything that is wrong with these options, a sentence each; empty: nothing.</summary>
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
            faults.Add("peers must be renewed to partners before they time out");
        }
        if (RetryIn < TimeSpan.FromMinutes(1))
        {
            faults.Add("retry in is shorter than a minute");
        }
        if (MaxSwarms < 1 || MaxPeers < 1)
        {
            faults.Add("there must be room for at least one swarm and one peer");
        }
        if (AnnouncesPerSecond < 1)
        {
            faults.Add("the announces a second up to which nothing is stretched must be at least one");
        }
        if (MaxMemoryBytes < 1 << 20)
        {
            faults.Add("less memory than a MiB is no room for swarms");
        }
        if (AnnounceTokens.Any(token => !AccessTokens.IsValid(token)))
        {
            faults.Add("an announce token must be 8 to 64 letters, digits, dashes, underscores or dots");
        }
        if (RateLimit is < 0 or > 1_000_000)
        {
            faults.Add("the rate limit is negative or above a million requests a second");
        }
        return faults;
    }
}
