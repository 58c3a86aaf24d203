namespace Anatomic.Machine.Configuration;

/// <summary>Limits of input from outside, and sizes of the machine's own buffers.</summary>
internal static class MachineLimits
{
    /// <summary>Cached public keys: more than a node has partners and supernodes; about 1 KiB each.</summary>
    public const int CachedKeys = 2048;

    /// <summary>Connections waiting to be accepted. Linux caps it at net.core.somaxconn, 4096 by default.</summary>
    public const int ListenBacklog = 4096;

    /// <summary>
    /// Pause before the next accept when the process has too many open files. nginx waits 500 ms, which clients notice.
    /// </summary>
    public static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Kernel receive buffer of a datagram server. A busy tracker loses bursts with less than 4 MiB; Linux caps it at
    /// rmem_max.
    /// </summary>
    public const int DatagramServerReceiveBytes = 4 << 20;

    /// <summary>Longest wait of a datagram server in one call.</summary>
    public static readonly TimeSpan DatagramWait = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Buffer for one received datagram; longer ones are dropped. BEP 15 with BEP 41's options needs far less.
    /// </summary>
    public const int DatagramBytes = 2048;

    /// <summary>
    /// Datagrams handled together: enough to share a wake-up, and few enough that the first waits at most about 100 µs.
    /// </summary>
    public const int DatagramBatch = 64;

    /// <summary>Datagrams that a port receives or sends together: with 4 KiB each, 128 KiB of buffers.</summary>
    public const int DatagramPortBatch = 32;

    /// <summary>Bytes that a port queues before it sends them; also the longest datagram, as in UDP.</summary>
    public const int DatagramPortQueueBytes = 64 * 1024;

    /// <summary>Longest request head. Kestrel and nginx allow between 8 and 32 KiB.</summary>
    public const int HeadBytes = 16 * 1024;

    /// <summary>Hexadecimal digits of a chunk's length: 4 GiB, more than any body may have.</summary>
    public const int MaxChunkDigits = 8;

    /// <summary>
    /// Connections accepted before the open ones are served again; nginx accepts all that are waiting.
    /// </summary>
    public const int AcceptBatch = 64;

    /// <summary>
    /// Connections that a loop receives from before it answers the first, and prefetches for together.
    /// </summary>
    public const int HttpReceiveBatch = 16;

    /// <summary>Bytes received from a connection in one call: about 200 pipelined announces.</summary>
    public const int HttpReceiveBytes = 64 * 1024;

    /// <summary>From the first byte of a head to its last; slower clients only occupy a connection.</summary>
    public static readonly TimeSpan HeadTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Between two requests of a connection; nginx's default is 75 s.</summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(60);

    /// <summary>After the last response to a client that is still sending; nginx's lingering_timeout is 5 s.</summary>
    public static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Connections waiting for Kestrel to take them over from the loops; further ones are closed.
    /// </summary>
    public const int MaxQueuedHandoffs = 1024;

    /// <summary>For the handler's response to one request.</summary>
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    /// <summary>For requests in progress when a server is disposed.</summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Connections of one HTTP server: about 10 KiB each, so at most 100 MiB.</summary>
    public const int ServerConnections = 10_000;

    /// <summary>Unsent responses to pipelined requests, before the client must read some.</summary>
    public const int UnsentReplyBytes = 64 * 1024;

    /// <summary>
    /// Header lines of an HTTP client's response, in KiB; .NET's default of 64 is meant for browsers.
    /// </summary>
    public const int ReplyHeadKiB = 16;

    /// <summary>Concurrent connections to one server.</summary>
    public const int HttpConnectionsPerServer = 16;

    /// <summary>How long an idle connection to a server is kept for the next request.</summary>
    public static readonly TimeSpan HttpIdleTimeout = TimeSpan.FromSeconds(20);

    /// <summary>For the connection alone, within the request's timeout; TCP itself waits two minutes.</summary>
    public static readonly TimeSpan HttpConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Most commits in one transaction, which share an fsync.</summary>
    public const int CommitGroup = 1024;
}
