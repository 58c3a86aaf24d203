namespace Anatomic.Tracker.Policy;

/// <summary>
/// The tracker's fixed limits. Those that an operator can change are in <see cref="TrackerOptions"/>.
/// </summary>
internal static class TrackerLimits
{
    /// <summary>Peers in a reply if the client does not send <c>numwant</c>: BEP 3's usual number.</summary>
    public const int DefaultWanted = 50;

    /// <summary>
    /// Maximum peers in a reply: 200 IPv4 peers fill a UDP packet, and no client connects to more at once.
    /// </summary>
    public const int MaxWanted = 200;

    /// <summary>
    /// The interval for a leecher that is alone. Partners report a new peer within 2 s, and a minute is an acceptable
    /// wait. Such swarms are empty, so these announces are few.
    /// </summary>
    public const int AloneIntervalSeconds = 60;

    /// <summary>Partners per swarm: an order names at most 12 candidates, and this node is one of them.</summary>
    public const int MaxPartners = 11;

    /// <summary>Peers kept per partner and swarm: five of a partner's snapshots.</summary>
    public const int MaxPeersPerPartner = 1000;

    /// <summary>
    /// Changes queued in one shard. At the limit, a peer's change is reported at its next announce instead.
    /// </summary>
    public const int MaxWaitingChanges = 4096;

    /// <summary>Shards of the swarm store, each with its own lock: enough that two loops seldom contend.</summary>
    public const int Shards = 256;

    /// <summary>Swarms prefetched together: about as many cache misses as a processor can have in flight.</summary>
    public const int PrefetchBatch = 16;

    /// <summary>
    /// Swarms up to this size are swept completely at the first announce of a tick, so their counts are always exact.
    /// </summary>
    public const int MaxInlineSweep = 128;

    /// <summary>Entries checked for expiry while a lock is held once: about 10 µs.</summary>
    public const int SweepSlice = 4096;

    /// <summary>
    /// Swarms in a full scrape: 64 MiB at 128 bytes each, the size that
    /// <see cref="Wire.Trackers.HttpServerCodec.MaxScrapeBytes"/> assumes.
    /// </summary>
    public const int MaxFullScrape = (64 << 20) / 128;
}
