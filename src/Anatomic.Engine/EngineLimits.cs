namespace Anatomic.Engine;

/// <summary>Bounds of every list and every wait of the engine.</summary>
internal static class EngineLimits
{
    /// <summary>Requests of one peer that are kept; further ones are rejected (BEP 10's <c>reqq</c>; libtorrent keeps 2,000).</summary>
    public const int MaxIncomingRequests = 2048;

    /// <summary>What a peer keeps when it does not say (BEP 10).</summary>
    public const int DefaultRequestQueue = 250;

    /// <summary>Fewest outstanding requests of a peer that sends: one round trip on a slow line is covered.</summary>
    public const int MinRequestQueue = 16;

    /// <summary>Most outstanding requests of a peer: 16 MiB, 30 ms at 500 MiB/s.</summary>
    public const int MaxRequestQueue = 1024;

    /// <summary>Extent that is read at once for uploading: few system calls, and a piece of usual length in one to four.</summary>
    public const int ReadExtentBytes = 512 * 1024;

    /// <summary>Extents kept of one torrent: 16 MiB, 32 peers at different places.</summary>
    public const int MaxReadExtents = 32;

    /// <summary>Blocks' bytes given to one send; more would only lie in the socket's buffer.</summary>
    public const int MaxSendBytes = 512 * 1024;

    /// <summary>
    /// Control messages waiting for one peer, beyond which nothing more is read of it (libtorrent's send buffer ends at 500 KiB, too):
    /// a request for metadata of 50 bytes is answered with 16 KiB.
    /// </summary>
    public const int MaxQueuedControlBytes = 512 * 1024;

    /// <summary>Receive buffer of a quiet connection.</summary>
    public const int SmallReceiveBytes = 4 * 1024;

    /// <summary>Receive buffer of a busy connection: 16 blocks a system call.</summary>
    public const int LargeReceiveBytes = 256 * 1024;

    /// <summary>From the dial to the whole handshake.</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A silent peer is dropped: BEP 3 sends keep-alives every two minutes.</summary>
    public static readonly TimeSpan InactivityTimeout = TimeSpan.FromSeconds(150);

    /// <summary>Nothing sent for so long: a keep-alive, under BEP 3's two minutes.</summary>
    public static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(100);

    /// <summary>Outstanding requests without a block for so long: snubbed (the original client's minute).</summary>
    public static readonly TimeSpan SnubTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Neither side interested for so long while peers wait for a place: dropped.</summary>
    public static readonly TimeSpan NoInterestTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Addresses of peers kept for one torrent; the worst make room.</summary>
    public const int MaxCandidates = 2_000;

    /// <summary>Dials under way for one torrent: home routers drop connections beyond some dozens.</summary>
    public const int MaxConcurrentDials = 16;

    /// <summary>Failed dials in a row after which an address is forgotten.</summary>
    public const int MaxDialFailures = 6;

    /// <summary>First wait after a failed dial; doubled each time.</summary>
    public static readonly TimeSpan DialBackOff = TimeSpan.FromSeconds(20);

    /// <summary>Connections that have not yet said which torrent they want.</summary>
    public const int MaxPendingHandshakes = 64;

    /// <summary>Peers asked of a tracker (BEP 3's <c>numwant</c>).</summary>
    public const int NumWant = 80;

    /// <summary>Peers taken from one announce.</summary>
    public const int MaxAnnouncedPeers = 500;

    /// <summary>Trackers of one torrent, those of finders included.</summary>
    public const int MaxTrackers = 64;

    /// <summary>Shortest pause between announces to one tracker, whatever it says.</summary>
    public static readonly TimeSpan MinAnnounceInterval = TimeSpan.FromSeconds(15);

    /// <summary>Longest pause between announces to one tracker, whatever it says.</summary>
    public static readonly TimeSpan MaxAnnounceInterval = TimeSpan.FromHours(4);

    /// <summary>When a tracker names no interval: the usual half hour.</summary>
    public static readonly TimeSpan DefaultAnnounceInterval = TimeSpan.FromMinutes(30);

    /// <summary>First pause after a failed announce; doubled up to <see cref="MaxTrackerBackOff"/>.</summary>
    public static readonly TimeSpan TrackerBackOff = TimeSpan.FromSeconds(15);

    public static readonly TimeSpan MaxTrackerBackOff = TimeSpan.FromMinutes(30);

    /// <summary>Pause between two questions to a finder while no tracker works; doubled up to <see cref="MaxTrackerBackOff"/>.</summary>
    public static readonly TimeSpan TrackerSourceInterval = TimeSpan.FromSeconds(30);

    /// <summary>How long an HTTP announce may take.</summary>
    public static readonly TimeSpan HttpAnnounceTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Longest reply of an HTTP tracker: 500 IPv6 peers in full dictionaries have room.</summary>
    public const int MaxAnnounceReplyBytes = 256 * 1024;

    /// <summary>Redirects followed from a tracker; supernodes answer with one (BEP 3 knows none, HTTP clients follow them).</summary>
    public const int MaxRedirects = 3;

    /// <summary>Waits for the replies of a UDP tracker, one send each. BEP 15's 15 s · 2^n would hold up failover for minutes.</summary>
    public static readonly IReadOnlyList<TimeSpan> UdpRetransmitDelays =
    [
        TimeSpan.FromSeconds(3),
        TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(8),
    ];

    /// <summary>A UDP tracker's connection id is used for a minute (BEP 15).</summary>
    public static readonly TimeSpan UdpConnectionIdLifetime = TimeSpan.FromMinutes(1);

    /// <summary>How long stopping waits for the trackers.</summary>
    public static readonly TimeSpan StoppedAnnounceTimeout = TimeSpan.FromSeconds(4);

    /// <summary>How long a session's end waits for its torrents.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Written pieces are flushed and remembered so often.</summary>
    public static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(15);

    /// <summary>Metadata requests outstanding with one peer (BEP 9 names no bound).</summary>
    public const int MaxMetadataRequests = 8;

    /// <summary>A metadata request without an answer for so long goes to another peer.</summary>
    public static readonly TimeSpan MetadataRequestTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Hash requests outstanding with one peer (BEP 52).</summary>
    public const int MaxHashRequests = 4;

    /// <summary>Hashes asked for at a time (BEP 52 proposes 512).</summary>
    public const int HashesPerRequest = 512;

    /// <summary>Pieces of BEP 6's allowed fast set given to a new peer.</summary>
    public const int AllowedFastPieces = 8;

    /// <summary>Reasons kept for people why connections ended.</summary>
    public const int MaxRecentDisconnects = 16;

    /// <summary>Blocks that nobody asked for, in a row, after which a peer is dropped.</summary>
    public const int MaxUnrequestedBlocks = 256;

    /// <summary>Bytes of one read when data is checked or a torrent is made: disks and the page cache are fastest in megabytes.</summary>
    public const int HashReadBytes = 2 << 20;

    /// <summary>Memory of all reads under way when data is checked or a torrent is made.</summary>
    public const long HashBufferBytes = 128 << 20;
}
