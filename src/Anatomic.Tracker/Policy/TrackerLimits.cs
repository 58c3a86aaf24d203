namespace Anatomic.Tracker.Policy;

/// <summary>Bounds of a tracker that are no operator's choice.</summary>
internal static class TrackerLimits
{
    /// <summary>Peers of a reply when the client names no number; what BEP 3 gives as usual.</summary>
    public const int DefaultWanted = 50;

    /// <summary>Most peers of a reply: 200 of IPv4 fill a UDP packet, and no client dials more at once.</summary>
    public const int MaxWanted = 200;

    /// <summary>
    /// When a leecher that is alone is asked to come again: partners tell of a new peer within 2 s, and a minute of waiting is
    /// what a person bears. Such swarms are empty, so the announces are few.
    /// </summary>
    public const int AloneIntervalSeconds = 60;

    /// <summary>Partners of one swarm: an order names at most 12 candidates, one of which is this node.</summary>
    public const int MaxPartners = 11;

    /// <summary>Peers remembered of one partner and swarm: five snapshots of a partner.</summary>
    public const int MaxPeersPerPartner = 1000;

    /// <summary>Changes waiting in one shard; beyond it peers are told at their next announce instead.</summary>
    public const int MaxWaitingChanges = 4096;

    /// <summary>Parts of the swarm store with a lock each: so many that two loops seldom meet.</summary>
    public const int Shards = 256;

    /// <summary>Swarms that are fetched from memory at the same time: about as many as a processor can wait for.</summary>
    public const int PrefetchBatch = 16;

    /// <summary>Swarms up to this size are swept whole at the first announce of a tick: their figures are always exact.</summary>
    public const int MaxInlineSweep = 128;

    /// <summary>Entries looked at for expiry under one hold of a lock: some 10 µs.</summary>
    public const int SweepSlice = 4096;

    /// <summary>Swarms of a scrape of everything: 64 MiB of <see cref="Wire.Trackers.HttpServerCodec.MaxScrapeBytes"/>'s 128 bytes each.</summary>
    public const int MaxFullScrape = (64 << 20) / 128;
}
