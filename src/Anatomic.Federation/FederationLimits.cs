namespace Anatomic.Federation;

/// <summary>
/// Every bound and interval of the network's services: nodes, sharing, planting and supernodes. docs/protocol describes
/// how they work together; protocol version 1 fixes those that other machines notice.
/// </summary>
public static class FederationLimits
{
    // ---- All services ----

    /// <summary>Time for one outgoing request, from its start to the last byte of the response.</summary>
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long a node of a public network is observed before planters are sent to it. It keeps a group of new nodes
    /// from taking over a torrent at once.
    /// </summary>
    public static readonly TimeSpan Probation = TimeSpan.FromDays(1);

    /// <summary>Nodes per /24 or /48 in a public network. With more, one network could fill every order.</summary>
    public const int MaxNodesPerPrefix = 4;

    /// <summary>Keys that a rate limiter counts. A flood of addresses must not fill the memory.</summary>
    public const int MaxLimiterKeys = 50_000;

    /// <summary>Source prefixes that a node's hourly plant quota counts.</summary>
    public const int MaxPlantPrefixes = 10_000;

    /// <summary>
    /// Parameters read from a query. An announce has about 15; the largest query of real clients is a scrape of 70
    /// hashes.
    /// </summary>
    public const int MaxQueryParameters = 128;

    /// <summary>Characters of a remote server's text that a terminal or log shows.</summary>
    public const int MaxRemoteTextChars = 200;

    /// <summary>Pages of records that a client reads from one supernode.</summary>
    public const int MaxRecordPages = 16;

    // ---- Nodes ----

    /// <summary>
    /// How long a tombstone is kept: longer than anyone is likely to keep a dead order in a forgotten store.
    /// </summary>
    public static readonly TimeSpan TombstoneLifetime = TimeSpan.FromDays(400);

    /// <summary>
    /// Distinct nodes that the orders held here may name. A network has thousands of nodes; without a bound, orders
    /// with invented nodes would fill the memory.
    /// </summary>
    public const int MaxNamedNodes = 1_000_000;

    /// <summary>
    /// Orders that a walk over the ledger visits before it yields the loop, after about a millisecond, to other
    /// requests.
    /// </summary>
    public const int OrdersPerSlice = 10_000;

    /// <summary>
    /// Default time without a peer after which a plant expires. The 2005 network used one day.
    /// </summary>
    public static readonly TimeSpan DefaultPlantIdle = TimeSpan.FromDays(30);

    /// <summary>Interval at which idle plants, denied plants and old tombstones are removed.</summary>
    public static readonly TimeSpan NodeSweepInterval = TimeSpan.FromMinutes(5);

    /// <summary>Interval at which a node posts its record until the first supernode accepts it.</summary>
    public static readonly TimeSpan RegistrationRetry = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Interval after that, for the other supernodes. A supernode polls one target at most once a minute.
    /// </summary>
    public static readonly TimeSpan RegistrationInterval = TimeSpan.FromSeconds(61);

    /// <summary>
    /// Interval at which an accepted record is posted again: a supernode that lost its disk finds every node.
    /// </summary>
    public static readonly TimeSpan RegistrationRefresh = TimeSpan.FromMinutes(30);

    /// <summary>
    /// How long a raised work requirement waits after the record announces it. Planters are still working for the old
    /// one.
    /// </summary>
    public static readonly TimeSpan WorkNotice = TimeSpan.FromMinutes(10);

    // ---- Sharing between holders ----

    /// <summary>Shared peers accepted per /24 or /48, partner and torrent.</summary>
    public const int MaxSharedPerPrefix = 4;

    /// <summary>Peers below which a swarm is small, so that its changes are sent within a second.</summary>
    public const int SmallSwarmPeers = 50;

    /// <summary>How long a swarm counts as new after it was planted here.</summary>
    public static readonly TimeSpan NewSwarmAge = TimeSpan.FromMinutes(5);

    /// <summary>Interval at which a node reads changes from its tracker.</summary>
    public static readonly TimeSpan DrainInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Delay before changes of small or new swarms are sent, so that they travel together. With
    /// <see cref="DrainInterval"/> before it, they arrive within about a second.
    /// </summary>
    public static readonly TimeSpan FastShareDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>Delay before changes of large swarms are sent.</summary>
    public static readonly TimeSpan SlowShareDelay = TimeSpan.FromSeconds(60);

    /// <summary>A partner that was sent nothing for this long receives an empty batch.</summary>
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Estimated size up to which a batch is filled. The rest of the 256 KiB is for the envelope and the estimate's
    /// error.
    /// </summary>
    public const int MaxBatchFillBytes = 240 * 1024;

    /// <summary>Batches in flight to all partners. More would only queue in the network.</summary>
    public const int MaxBatchesInFlight = 64;

    /// <summary>
    /// Changes that wait for one partner: what a minute brings to about a thousand busy swarms. Beyond it, the partner
    /// receives whole snapshots.
    /// </summary>
    public const int MaxPendingChanges = 65_536;

    /// <summary>
    /// Addresses remembered per partner and torrent, to enforce <see cref="MaxSharedPerPrefix"/> over time.
    /// </summary>
    public const int MaxRememberedAddresses = 1000;

    /// <summary>
    /// How long a shared address counts against its prefix: as long as a tracker keeps a peer at most.
    /// </summary>
    public static readonly TimeSpan RememberedAddressLifetime = TimeSpan.FromMinutes(45);

    /// <summary>Longest delay between two batches to a partner that does not answer.</summary>
    public static readonly TimeSpan MaxBatchBackoff = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Age up to which a batch is accepted. Its sequence number already keeps a late one from being a replay.
    /// </summary>
    public static readonly TimeSpan MaxBatchAge = TimeSpan.FromMinutes(10);

    /// <summary>Interval between two searches for the record of one partner.</summary>
    public static readonly TimeSpan RecordSearchInterval = TimeSpan.FromSeconds(20);

    /// <summary>Partners whose records one search round looks for.</summary>
    public const int RecordSearchBatch = 8;

    // ---- Loss of holders and repair ----

    /// <summary>Silence after which supernodes are asked whether a partner is dead.</summary>
    public static readonly TimeSpan SilenceTimeout = TimeSpan.FromMinutes(10);

    /// <summary>How long a partner counts as answering after it was heard: two heartbeats and a late one.</summary>
    public static readonly TimeSpan AnsweringWindow = TimeSpan.FromMinutes(5);

    /// <summary>Interval at which holders are counted and silent partners are checked.</summary>
    public static readonly TimeSpan RepairInterval = TimeSpan.FromSeconds(10);

    /// <summary>Interval at which the supernodes are asked about one silent partner.</summary>
    public static readonly TimeSpan LivenessCheckInterval = TimeSpan.FromMinutes(1);

    /// <summary>The holder at place k waits k times this long before it fills a gap.</summary>
    public static readonly TimeSpan CarryDelayPerPlace = TimeSpan.FromMinutes(1);

    /// <summary>Carries that one node sends a second, so that the loss of a large holder causes no burst.</summary>
    public const int CarriesPerSecond = 50;

    /// <summary>A candidate that rejected a carry, or gave the order up, is not asked again for this long.</summary>
    public static readonly TimeSpan RejectedCarryBackoff = TimeSpan.FromHours(24);

    /// <summary>A candidate that could not be reached with a carry is not asked again for this long.</summary>
    public static readonly TimeSpan FailedCarryBackoff = TimeSpan.FromMinutes(10);

    /// <summary>How long an order may have more live holders than it wants before the last one gives it up.</summary>
    public static readonly TimeSpan SurplusTimeout = TimeSpan.FromHours(24);

    // ---- Planting ----

    /// <summary>Supernodes that a planter or client asks: one may be down and one may lie.</summary>
    public const int SupernodesAsked = 3;

    /// <summary>
    /// Nodes that a planter requests: twice the candidates, so that several supernodes' answers overlap.
    /// </summary>
    public const int NodesAsked = 24;

    /// <summary>Nonces tried between two checks for cancellation: about 50 ms of work.</summary>
    public const int WorkStep = 1 << 16;

    /// <summary>Time for one <c>POST /plant</c>: the node makes the order durable before it answers.</summary>
    public static readonly TimeSpan PlantTimeout = TimeSpan.FromSeconds(10);

    // ---- Supernodes: directory ----

    /// <summary>Nodes and supernodes in the directory. The index stores a member's slot in 16 bits.</summary>
    public const int MaxMembers = 60_000;

    /// <summary>Records received from other supernodes and not polled yet.</summary>
    public const int MaxCandidates = 10_000;

    /// <summary>Records of one exchange response that become candidates. Exchanges take place once a minute.</summary>
    public const int CandidatesPerExchange = 200;

    /// <summary>
    /// Record submissions per source prefix and minute. Each one makes this supernode send a request.
    /// </summary>
    public const int SubmissionsPerPrefixPerMinute = 10;

    /// <summary>Polls per target address and minute that strangers can cause.</summary>
    public const int SubmissionsPerTargetPerMinute = 1;

    /// <summary>Body of a submitted form on the directory page.</summary>
    public const int MaxFormBytes = 2_048;

    /// <summary>Body of one page of <c>/records</c>.</summary>
    public const int MaxRecordsPageBytes = 256 * 1024;

    /// <summary>Records in one <c>/exchange</c> response. The next exchange brings the rest.</summary>
    public const int MaxExchangedRecords = 200;

    /// <summary>Interval between two exchanges of records.</summary>
    public static readonly TimeSpan ExchangeInterval = TimeSpan.FromMinutes(1);

    /// <summary>Interval at which a supernode posts its own record to the supernodes it exchanges with.</summary>
    public static readonly TimeSpan OwnRecordInterval = TimeSpan.FromMinutes(10);

    /// <summary>A supernode without stored state counts members that it meets in this time as old.</summary>
    public static readonly TimeSpan BootstrapPeriod = TimeSpan.FromHours(1);

    // ---- Supernodes: polls ----

    /// <summary>Polls in flight.</summary>
    public const int MaxConcurrentPolls = 32;

    /// <summary>Average time between two polls of a member, with a jitter of ±20 %.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Delay of the second poll after a first miss. With <see cref="RetryAfterSecondMiss"/>, a dead node leaves the
    /// directory within two minutes.
    /// </summary>
    public static readonly TimeSpan RetryAfterFirstMiss = TimeSpan.FromSeconds(15);

    /// <summary>Delay of the third poll, counted from the second miss.</summary>
    public static readonly TimeSpan RetryAfterSecondMiss = TimeSpan.FromSeconds(30);

    /// <summary>Consecutive misses that make a member dead.</summary>
    public const int DeadAfterMisses = 3;

    /// <summary>Interval at which a dead member is polled after its first ten minutes.</summary>
    public static readonly TimeSpan DeadPollInterval = TimeSpan.FromMinutes(10);

    /// <summary>Time after which a dead member is forgotten.</summary>
    public static readonly TimeSpan ForgetDeadAfter = TimeSpan.FromDays(7);

    /// <summary>
    /// When more than half of the nodes vanish within this time, the supernode assumes that it is cut off itself.
    /// </summary>
    public static readonly TimeSpan IsolationWindow = TimeSpan.FromMinutes(3);

    /// <summary>
    /// That assumption ends after this time while any node answers: the silent ones are then really gone. It equals
    /// <see cref="SilenceTimeout"/>, the time a partner waits before it calls a holder lost.
    /// </summary>
    public static readonly TimeSpan IsolationTimeout = TimeSpan.FromMinutes(10);

    // ---- Supernodes: index and lookups ----

    /// <summary>Entries in the whole index: about 100 MiB.</summary>
    public const int MaxIndexEntries = 2_000_000;

    /// <summary>Index entries that a node earns for every hour it was seen alive.</summary>
    public const int IndexEntriesPerHour = 1_000;

    /// <summary>
    /// Rejected orders remembered per node, 32 bytes each. A node with more is faulty, or so large that its quota needs
    /// days to hold them.
    /// </summary>
    public const int MaxRejectedPerNode = 20_000;

    /// <summary>
    /// Time for one poll to follow a manifest; the next poll continues there. With more, slow nodes could occupy all of
    /// <see cref="MaxConcurrentPolls"/>.
    /// </summary>
    public static readonly TimeSpan ManifestPollTime = TimeSpan.FromSeconds(20);

    /// <summary>Delay before a whole list is read again after it differed from its own head.</summary>
    public static readonly TimeSpan MismatchRetry = TimeSpan.FromMinutes(10);

    /// <summary>Interval at which a whole list is read to retry its rejected entries, since quotas grow.</summary>
    public static readonly TimeSpan RejectedRetry = TimeSpan.FromHours(1);

    /// <summary>How long a receipt counts without a manifest that confirms it.</summary>
    public static readonly TimeSpan ReceiptLifetime = TimeSpan.FromMinutes(3);

    /// <summary>Interval at which orders without a holder are deleted from the store.</summary>
    public static readonly TimeSpan SupernodeSweepInterval = TimeSpan.FromHours(1);

    /// <summary>Nodes in one <c>/place</c> response.</summary>
    public const int MaxPlacedNodes = 24;

    /// <summary>Lookups forwarded to other supernodes per second.</summary>
    public const int HopsPerSecond = 50;

    /// <summary>Cached responses of other supernodes.</summary>
    public const int MaxCachedHops = 20_000;

    /// <summary>How long the response of another supernode, also a miss, is cached.</summary>
    public static readonly TimeSpan HopCacheTime = TimeSpan.FromSeconds(30);

    /// <summary>Minutes until a client should ask about an unknown torrent again (BEP 31: <c>retry in</c>).</summary>
    public const int RetryInMinutes = 2;
}
