namespace Anatomic.Engine;

/// <summary>
/// Limits, timeouts and intervals of the engine. Everything that comes from the network is bounded here.
/// </summary>
internal static class EngineLimits
{
    // Requests

    /// <summary>
    /// Incoming requests queued per peer; we reject further ones (BEP 10's <c>reqq</c>; libtorrent's is 2,000).
    /// </summary>
    public const int MaxIncomingRequests = 2048;

    /// <summary>Requests a peer queues when it does not say (BEP 10).</summary>
    public const int DefaultRequestQueue = 250;

    /// <summary>
    /// Minimum number of outstanding requests per sending peer; covers one round trip on a slow line.
    /// </summary>
    public const int MinRequestQueue = 16;

    /// <summary>Maximum number of outstanding requests per peer: 16 MiB, or 30 ms at 500 MiB/s.</summary>
    public const int MaxRequestQueue = 1024;

    /// <summary>Peers asked for the same block in the endgame.</summary>
    public const int MaxEndgameRequests = 3;

    /// <summary>A peer is dropped after this many consecutive blocks that we did not request.</summary>
    public const int MaxUnrequestedBlocks = 2 * MaxRequestQueue;

    /// <summary>
    /// A peer is dropped after it rejected this many requests in a row without choking us. One that chokes us rejects
    /// at most <see cref="MaxRequestQueue"/>, and those do not count.
    /// </summary>
    public const int MaxRejections = 512;

    /// <summary>
    /// Blocks of failed pieces whose hash and sender are remembered per torrent, the oldest piece forgotten first: 512
    /// MiB of failed data in 1 MiB of memory.
    /// </summary>
    public const int MaxSuspectBlocks = 32_768;

    /// <summary>A piece is not requested again for this time from a peer that rejected a block of it.</summary>
    public static readonly TimeSpan RejectPause = TimeSpan.FromSeconds(10);

    /// <summary>Unchokes that a peer may send at once; each makes us send a window of requests.</summary>
    public const int MaxUnchokes = 30;

    /// <summary>Time after which a peer may unchoke us once more; usual chokers decide every ten seconds.</summary>
    public static readonly TimeSpan UnchokeInterval = TimeSpan.FromSeconds(2);

    /// <summary>A source that sent nothing for this time has its blocks requested from others as well.</summary>
    public static readonly TimeSpan SilenceBeforeRepeat = TimeSpan.FromSeconds(3);

    /// <summary>
    /// In the endgame, a block is requested again when that is twice as fast and saves this time: a cancel then
    /// overtakes the slow block, so few come twice.
    /// </summary>
    public static readonly TimeSpan RepeatMargin = TimeSpan.FromMilliseconds(250);

    /// <summary>Blocks with a deadline are requested from several sources when less than this is left.</summary>
    public static readonly TimeSpan RepeatBeforeDeadline = TimeSpan.FromSeconds(2);

    /// <summary>Pieces of BEP 6's allowed fast set that we grant to a new peer.</summary>
    public const int AllowedFastPieces = 8;

    /// <summary>Allowed fast pieces that we remember per peer; further ones are ignored.</summary>
    public const int MaxAllowedFastPieces = 32;

    /// <summary>
    /// Haves we remember per peer while the metadata is unknown; further ones are ignored and cost only rarity data.
    /// </summary>
    public const int MaxPendingHaves = 4096;

    // Memory

    /// <summary>
    /// Bytes read at once for uploads: few system calls, and a typical piece fits into one to four reads.
    /// </summary>
    public const int ReadExtentBytes = 512 * 1024;

    /// <summary>
    /// When all piece memory is held by pieces that no peer can complete for this many seconds, one of them is
    /// discarded.
    /// </summary>
    public const int MaxStarvedSeconds = 10;

    /// <summary>Files kept open for a torrent outside of a session, as in a check by itself.</summary>
    public const int MaxOpenFilesAlone = 64;

    /// <summary>Bytes read at once to copy a file to another volume.</summary>
    public const int CopyBytes = 4 << 20;

    /// <summary>Bytes per read when data is checked or a torrent is created: disks are fastest in megabytes.</summary>
    public const int HashReadBytes = 2 << 20;

    /// <summary>
    /// Bytes of a piece that are hashed at once while it arrives: 160 µs of SHA-1, far above the cost of a job.
    /// </summary>
    public const int HashStepBytes = 256 * 1024;

    /// <summary>Memory for all concurrent reads when data is checked or a torrent is created, in bytes.</summary>
    public const long HashBufferBytes = 128 << 20;

    // Fairness

    /// <summary>
    /// Messages of one peer that are handled before the next one has its turn: well below a millisecond.
    /// </summary>
    public const int MaxTurnMessages = 64;

    /// <summary>
    /// Bytes of one peer that are handled before the next one has its turn: 4 blocks, about 20 µs of copying.
    /// </summary>
    public const int MaxTurnBytes = 64 * 1024;

    /// <summary>
    /// Credit of a peer in microseconds of a loop (<c>PeerCost</c>): half a second is the most that one can take at
    /// once.
    /// </summary>
    public const int MaxPeerCredit = 500_000;

    /// <summary>Credit that returns each second: 2 % of a loop for a peer that moves nothing.</summary>
    public const int PeerCreditPerSecond = 20_000;

    /// <summary>Credit for each KiB of payload; a block earns several times what its messages cost.</summary>
    public const int PeerCreditPerKibibyte = 4;

    /// <summary>How long an address is banned whose peer cost more than it transferred.</summary>
    public static readonly TimeSpan ExpensivePeerBan = TimeSpan.FromMinutes(10);

    /// <summary>Bytes that are requested before all others after the position of a reader.</summary>
    public const int ReadAheadBytes = 8 << 20;

    /// <summary>The deadline of each piece ahead of a reader is this much later than the one before.</summary>
    public static readonly TimeSpan ReadAheadStep = TimeSpan.FromSeconds(1);

    // Connections

    /// <summary>Payload bytes per send; more would only sit in the socket's buffer.</summary>
    public const int MaxSendBytes = 512 * 1024;

    /// <summary>
    /// Control messages queued for one peer, in bytes. Beyond it we stop reading from the peer: a metadata request of
    /// 50 bytes produces a 16 KiB response. libtorrent's send buffer is limited to 500 KiB as well.
    /// </summary>
    public const int MaxQueuedControlBytes = 512 * 1024;

    /// <summary>
    /// The same while an upload limit holds: two pieces of metadata, so that one peer's answers do not take the whole
    /// rate for seconds.
    /// </summary>
    public const int MaxLimitedControlBytes = 40 * 1024;

    /// <summary>Control messages that go out at once under an upload limit; 60 requests fit.</summary>
    public const int UrgentControlBytes = 1024;

    /// <summary>Receive buffer of a quiet connection, in bytes.</summary>
    public const int SmallReceiveBytes = 4 * 1024;

    /// <summary>Receive buffer of a busy connection, in bytes: 16 blocks per system call.</summary>
    public const int LargeReceiveBytes = 256 * 1024;

    /// <summary>Time from the start of the dial to the complete handshake.</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A silent peer is dropped after this time; BEP 3 requires a keep-alive every two minutes.</summary>
    public static readonly TimeSpan InactivityTimeout = TimeSpan.FromSeconds(150);

    /// <summary>We send a keep-alive after this much silence, below BEP 3's two minutes.</summary>
    public static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(100);

    /// <summary>
    /// A peer is snubbed when a request is open and no block came for this time (the original client's minute).
    /// </summary>
    public static readonly TimeSpan SnubTimeout = TimeSpan.FromSeconds(60);

    /// <summary>A peer is dropped when neither side has been interested for this time.</summary>
    public static readonly TimeSpan NoInterestTimeout = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Incoming connections whose handshake is not complete; beyond it the oldest of the network with the most is
    /// closed.
    /// </summary>
    public const int MaxPendingHandshakes = 128;

    /// <summary>Known peer addresses per torrent; the worst is replaced by a new one.</summary>
    public const int MaxCandidates = 2_000;

    /// <summary>Known public addresses per torrent of one network (a /24, a /48), which has one owner.</summary>
    public const int MaxCandidatesPerNetwork = 64;

    /// <summary>Banned addresses of a session; the one whose ban ends first gives way.</summary>
    public const int MaxBans = 10_000;

    /// <summary>How long an address is banned that sent wrong data; addresses change owners within days.</summary>
    public static readonly TimeSpan BadPeerBan = TimeSpan.FromHours(24);

    /// <summary>
    /// A peer that transferred nothing for this time may give its place to one from a network with fewer connections.
    /// </summary>
    public static readonly TimeSpan BusyPeerTime = TimeSpan.FromSeconds(10);

    /// <summary>
    /// In a full torrent that downloads, a peer that has nothing we want may be replaced after this time without a
    /// transfer: longer than one optimistic unchoke.
    /// </summary>
    public static readonly TimeSpan TurnoverDelay = TimeSpan.FromSeconds(60);

    /// <summary>The same while seeding, where interested peers wait for their turn to be unchoked.</summary>
    public static readonly TimeSpan SeedingTurnoverDelay = TimeSpan.FromMinutes(5);

    /// <summary>A peer is dropped when one message takes longer than this: 140 bytes per second for a block.</summary>
    public static readonly TimeSpan MessageTimeout = TimeSpan.FromMinutes(2);

    /// <summary>A longer message counts against <see cref="MaxLargeMessageBytes"/> while it is incomplete.</summary>
    public const int LargeMessageBytes = 32 * 1024;

    /// <summary>
    /// Memory for all incomplete long messages of a session; beyond it the slowest sender is dropped. They are rare:
    /// long bitfields, hashes and blocks of old clients.
    /// </summary>
    public const long MaxLargeMessageBytes = 16 << 20;

    /// <summary>Concurrent dials per torrent: home routers drop connections beyond a few dozen.</summary>
    public const int MaxConcurrentDials = 16;

    /// <summary>Concurrent dials per session; systems limit half-open connections to a few hundred.</summary>
    public const int MaxSessionDials = 100;

    /// <summary>Pause of an address that could not be dialled for want of a place.</summary>
    public static readonly TimeSpan PostponedDialDelay = TimeSpan.FromSeconds(5);

    /// <summary>Consecutive failed dials after which an address is forgotten.</summary>
    public const int MaxDialFailures = 6;

    /// <summary>A connection that ends before this was of no use, and its address is not dialled again soon.</summary>
    public static readonly TimeSpan ShortConnection = TimeSpan.FromSeconds(10);

    /// <summary>Pause after the first failed dial; doubled with each further failure.</summary>
    public static readonly TimeSpan DialBackOff = TimeSpan.FromSeconds(20);

    /// <summary>Disconnect reasons kept per torrent for its status.</summary>
    public const int MaxRecentDisconnects = 16;

    // Trackers

    /// <summary>Peers requested from a tracker (BEP 3's <c>numwant</c>).</summary>
    public const int NumWant = 80;

    /// <summary>Peers used from one announce response.</summary>
    public const int MaxAnnouncedPeers = 500;

    /// <summary>Trackers per torrent, including those of the tracker source.</summary>
    public const int MaxTrackers = 64;

    /// <summary>
    /// Minimum interval between announces to one tracker without an event. A tracker that permits more gets no more;
    /// one that permits less is obeyed.
    /// </summary>
    public static readonly TimeSpan MinAnnounceInterval = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Longest interval that a tracker can ask for: a day, as the codec reads it. A longer one would lose the swarm by
    /// a tracker's mistake.
    /// </summary>
    public static readonly TimeSpan MaxAnnounceInterval = TimeSpan.FromDays(1);

    /// <summary>Announce interval when the tracker names none: the usual half hour.</summary>
    public static readonly TimeSpan DefaultAnnounceInterval = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Pause after the first announce that got no response; doubled up to <see cref="MaxTrackerBackOff"/>.
    /// </summary>
    public static readonly TimeSpan TrackerBackOff = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Pause after the first announce that the tracker rejected without naming a time; doubled up to
    /// <see cref="MaxTrackerBackOff"/>. Longer, as the tracker works, and asking again changes little.
    /// </summary>
    public static readonly TimeSpan RejectionBackOff = TimeSpan.FromMinutes(1);

    /// <summary>Longest pause after failed announces.</summary>
    public static readonly TimeSpan MaxTrackerBackOff = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Pause between two queries to the tracker source while no tracker works; doubled up to
    /// <see cref="MaxTrackerBackOff"/>.
    /// </summary>
    public static readonly TimeSpan TrackerSourceInterval = TimeSpan.FromSeconds(30);

    /// <summary>Timeout of an HTTP announce.</summary>
    public static readonly TimeSpan HttpAnnounceTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Longest HTTP announce response, in bytes: 500 IPv6 peers in full dictionaries fit.</summary>
    public const int MaxAnnounceResponseBytes = 256 * 1024;

    /// <summary>
    /// Redirects followed per announce. BEP 3 defines none, but other clients follow 5 to 10, and supernodes use one.
    /// </summary>
    public const int MaxRedirects = 5;

    /// <summary>
    /// Time to wait for a UDP tracker after each send. BEP 15's 15 s · 2^n would delay the failover by minutes.
    /// </summary>
    public static readonly IReadOnlyList<TimeSpan> UdpRetransmitDelays =
    [
        TimeSpan.FromSeconds(3),
        TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(8),
    ];

    /// <summary>
    /// Announces of a session under way at the same time. Each may hold a connection, and 10,000 torrents share them.
    /// </summary>
    public const int MaxAnnounces = 64;

    /// <summary>Announces under way to one host that answers.</summary>
    public const int MaxAnnouncesPerHost = 8;

    /// <summary>Announces under way to a host that has not answered yet, as it may be silent.</summary>
    public const int MaxAnnouncesToNewHost = 2;

    /// <summary>Hosts of trackers, names and UDP connections that a session remembers, each about 200 bytes.</summary>
    public const int MaxTrackerHosts = 1024;

    /// <summary>Time for which a tracker's addresses are used before its name is resolved again.</summary>
    public static readonly TimeSpan NameLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Time for which a tracker's address family is left out when only the other one answered.</summary>
    public static readonly TimeSpan FailedFamilyPause = TimeSpan.FromMinutes(30);

    /// <summary>Time for which a name that could not be resolved is not tried again.</summary>
    public static readonly TimeSpan FailedNameLifetime = TimeSpan.FromSeconds(30);

    /// <summary>Time for which we use a UDP tracker's connection id (BEP 15: one minute).</summary>
    public static readonly TimeSpan UdpConnectionIdLifetime = TimeSpan.FromMinutes(1);

    /// <summary>Time that stopping a torrent waits for its trackers.</summary>
    public static readonly TimeSpan StoppedAnnounceTimeout = TimeSpan.FromSeconds(4);

    // Metadata

    /// <summary>
    /// Peers asked for the same piece of metadata, as one may be slow, and peers tried alone at first after several
    /// sent wrong metadata.
    /// </summary>
    public const int MaxMetadataPeers = 3;

    /// <summary>
    /// A piece of metadata that did not come within this time is requested from another peer too; 16 KiB take a second
    /// on a slow line.
    /// </summary>
    public static readonly TimeSpan MetadataPatience = TimeSpan.FromSeconds(2);

    /// <summary>A peer that rejected a metadata request is asked again after this time (BEP 9 sets none).</summary>
    public static readonly TimeSpan MetadataRejectPause = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Memory of a session for metadata that is not complete, in bytes: two of the largest. What arrives is counted,
    /// not what peers claim.
    /// </summary>
    public const long MetadataMemoryBytes = 2L * 32 << 20;

    /// <summary>
    /// Bytes of incomplete metadata that each torrent may hold whatever others hold; most info dictionaries are
    /// smaller.
    /// </summary>
    public const long GuaranteedMetadataBytes = 1 << 20;

    /// <summary>Wrong info dictionaries of several senders that are kept to find the wrong pieces.</summary>
    public const int MaxFailedMetadata = 4;

    /// <summary>Outstanding metadata requests per peer (BEP 9 sets no limit).</summary>
    public const int MaxMetadataRequests = 8;

    /// <summary>Timeout of a hash request; another peer is asked after it. An answer has up to 17 KiB.</summary>
    public static readonly TimeSpan HashRequestTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A peer that announced metadata and sends none of it for this time is dropped.</summary>
    public static readonly TimeSpan MetadataRequestTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Outstanding hash requests per peer (BEP 52 sets no limit).</summary>
    public const int MaxHashRequests = 4;

    /// <summary>
    /// How long a peer that rejected a hash request is not asked again; its limit may have held it back.
    /// </summary>
    public static readonly TimeSpan HashRejectionPause = TimeSpan.FromSeconds(5);

    /// <summary>Hashes per request (BEP 52 proposes 512).</summary>
    public const int HashesPerRequest = 512;

    /// <summary>
    /// Bytes of Merkle trees kept per torrent to serve hash requests: those of 250,000 pieces. A torrent that nobody
    /// asks for hashes has none.
    /// </summary>
    public const long MaxTreeBytes = 16 << 20;

    // Sessions

    /// <summary>Longest pause of a loop's timer; it only looks again whether anything is due.</summary>
    public static readonly TimeSpan MaxSleep = TimeSpan.FromHours(1);

    /// <summary>How often a torrent with peers is driven.</summary>
    public static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// First pause after a fault, doubled up to sixteen times: the cause, such as a full disk, may have ended.
    /// </summary>
    public static readonly TimeSpan FaultRetryInterval = TimeSpan.FromSeconds(30);

    /// <summary>A seed without peers for this long unloads its metainfo and closes its files.</summary>
    public static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(30);

    /// <summary>How often an idle torrent looks whether it has reached a time goal.</summary>
    public static readonly TimeSpan IdleGoalInterval = TimeSpan.FromMinutes(1);

    /// <summary>How often the totals of a torrent that transfers are saved.</summary>
    public static readonly TimeSpan TotalsSaveInterval = TimeSpan.FromMinutes(1);

    /// <summary>How often the times of a torrent that transfers nothing are saved.</summary>
    public static readonly TimeSpan IdleSaveInterval = TimeSpan.FromMinutes(30);

    /// <summary>How often changed bans are saved, and the queue looks for torrents that have become slow.</summary>
    public static readonly TimeSpan MaintenanceInterval = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Saved torrents that start at the same time, so that ten thousand do not hold their metainfo in memory together.
    /// </summary>
    public const int MaxConcurrentStarts = 32;

    /// <summary>Events kept for one reader of the change stream; the oldest are dropped.</summary>
    public const int MaxPendingEvents = 1_000;

    /// <summary>Files whose status is published without a reader that watches them.</summary>
    public const int MaxUnwatchedFiles = 500;

    /// <summary>Time that ending a session waits for its torrents.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// While a torrent writes, it says so in its store at least this often. A crash then leaves a bounded time from
    /// which unknown writes may stem.
    /// </summary>
    public static readonly TimeSpan WriteMarkInterval = TimeSpan.FromSeconds(15);

    /// <summary>
    /// By how much the time of a write may differ from the clock: FAT counts in 2 s, and other disks count ticks.
    /// </summary>
    public static readonly TimeSpan FileTimeTolerance = TimeSpan.FromSeconds(3);

    /// <summary>Interval at which written pieces are flushed and saved in the resume data.</summary>
    public static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(15);
}
