namespace Anatomic.Federation;

/// <summary>Bounds and rhythms of the network's services; docs/protocol says why.</summary>
public static class FederationLimits
{
    /// <summary>
    /// How long a node of a public network is watched before it is given orders, so that a swarm of new nodes cannot take a torrent
    /// over at once.
    /// </summary>
    public static readonly TimeSpan Probation = TimeSpan.FromDays(1);

    /// <summary>Nodes of one /24 or /48 in a public network: more would let one network fill every order.</summary>
    public const int MaxNodesPerPrefix = 4;

    /// <summary>Shared peers of one /24 or /48, a partner and torrent.</summary>
    public const int MaxSharedPerPrefix = 4;

    /// <summary>From the start of a request to another to its last byte.</summary>
    public static readonly TimeSpan RequestDeadline = TimeSpan.FromSeconds(3);

    /// <summary>How long a tombstone is kept: longer than anybody keeps a dead order in a forgotten store.</summary>
    public static readonly TimeSpan TombstoneAge = TimeSpan.FromDays(400);

    /// <summary>A swarm with fewer peers is told of within a second.</summary>
    public const int SmallSwarm = 50;

    /// <summary>How often a node asks its tracker what is new.</summary>
    public static readonly TimeSpan DrainEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Wait before news of small or new swarms go out, so that they travel together; with the drain before it, a second at most.
    /// </summary>
    public static readonly TimeSpan QuickShare = TimeSpan.FromMilliseconds(500);

    /// <summary>Wait before news of large swarms go out.</summary>
    public static readonly TimeSpan SlowShare = TimeSpan.FromSeconds(60);

    /// <summary>How long a swarm counts as new after it was planted here.</summary>
    public static readonly TimeSpan NewSwarm = TimeSpan.FromMinutes(5);

    /// <summary>An empty batch goes to a partner that has heard nothing for so long.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromMinutes(2);

    /// <summary>A partner that has been silent for so long may be lost.</summary>
    public static readonly TimeSpan SilenceUntilLost = TimeSpan.FromMinutes(10);

    /// <summary>How long an order may have more live holders than it wants before the last drops out.</summary>
    public static readonly TimeSpan SurplusPatience = TimeSpan.FromHours(24);

    /// <summary>Carries a second of one node, so that the end of a large one is no storm.</summary>
    public const int CarriesPerSecond = 50;

    /// <summary>
    /// Nodes that all orders held here may name together. A network has thousands; without a bound, orders that name nodes which do
    /// not exist would fill the memory with them.
    /// </summary>
    public const int MaxNodesNamed = 1_000_000;

    /// <summary>Orders looked at in one go where all are: other requests come between, after a millisecond or so.</summary>
    public const int OrdersAtOnce = 10_000;

    /// <summary>A plant without a peer for so long expires, unless the operator says otherwise; the 2005 network used one day.</summary>
    public static readonly TimeSpan DefaultPlantIdle = TimeSpan.FromDays(30);

    /// <summary>How often a record is offered to the supernodes until one has taken it.</summary>
    public static readonly TimeSpan RegisterAgain = TimeSpan.FromSeconds(15);

    /// <summary>How often it is offered to the others then; a supernode polls one target once a minute.</summary>
    public static readonly TimeSpan RegisterRest = TimeSpan.FromSeconds(61);

    /// <summary>A supernode that has lost its disk meets every node again within this time.</summary>
    public static readonly TimeSpan RegisterRefresh = TimeSpan.FromMinutes(30);

    /// <summary>A raised demand of work counts so long after the record says it: planters are at work for the old one.</summary>
    public static readonly TimeSpan WorkNotice = TimeSpan.FromMinutes(10);

    /// <summary>How often idle plants, refused ones and old tombstones are looked for.</summary>
    public static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(5);
}
