namespace Anatomic.Machine.Configuration;

/// <summary>Bounds of what comes from outside, and the sizes of the machine's own buffers.</summary>
internal static class MachineLimits
{
    /// <summary>Public keys kept ready: more than the partners and supernodes one node speaks to; about 1 KiB each.</summary>
    public const int CachedKeys = 2048;

    /// <summary>Connections waiting to be accepted; Linux caps it at net.core.somaxconn, 4096 by default.</summary>
    public const int ListenBacklog = 4096;

    /// <summary>Until the next accept when the process may open no more files; nginx waits 500 ms, which clients notice.</summary>
    public static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Kernel receive buffer of a datagram server: below 4 MiB bursts of a busy tracker are lost (Linux caps it at rmem_max).</summary>
    public const int DatagramServerReceiveBytes = 4 << 20;

    /// <summary>How long a datagram server waits in one call.</summary>
    public static readonly TimeSpan DatagramWait = TimeSpan.FromSeconds(1);

    /// <summary>Room for one received datagram; BEP 15 with BEP 41's options stays far below, longer ones are dropped.</summary>
    public const int DatagramBytes = 2048;

    /// <summary>Datagrams handled together: enough to share a wake-up, few enough that the first waits no longer than about 100 µs.</summary>
    public const int DatagramBatch = 64;

    /// <summary>Longest request head; Kestrel's and nginx's bounds lie between 8 and 32 KiB.</summary>
    public const int HeadBytes = 16 * 1024;

    /// <summary>Hexadecimal digits of a chunk's length: 4 GiB, more than any body may have.</summary>
    public const int MaxChunkDigits = 8;

    /// <summary>Connections accepted before the open ones are served again; nginx accepts all that are waiting.</summary>
    public const int AcceptBatch = 64;

    /// <summary>Connections that a loop receives from before it answers the first, and prefetches for together.</summary>
    public const int HttpReceiveBatch = 16;

    /// <summary>Bytes received from a connection in one call: about 200 pipelined announces.</summary>
    public const int HttpReceiveBytes = 64 * 1024;

    /// <summary>From the first byte of a head to its last; a slower client holds a connection for nothing.</summary>
    public static readonly TimeSpan HeadTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Between two requests of one connection; nginx's default is 75 s.</summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(60);

    /// <summary>After the last reply of a connection whose client was still sending; nginx's lingering_timeout is 5 s.</summary>
    public static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Connections waiting for Kestrel to take them over from the loops; more are closed.</summary>
    public const int MaxQueuedHandoffs = 1024;

    /// <summary>For the handler's answer to one request.</summary>
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    /// <summary>For requests under way when a server is disposed.</summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Connections of one HTTP server; each takes about 10 KiB, so 100 MiB at most.</summary>
    public const int ServerConnections = 10_000;

    /// <summary>Replies to pipelined requests held before the client must take some.</summary>
    public const int UnsentReplyBytes = 64 * 1024;

    /// <summary>Header lines of a reply from others, all together, in KiB; .NET's default of 64 is for browsers.</summary>
    public const int ReplyHeadKiB = 16;

    /// <summary>Connections to one server at the same time.</summary>
    public const int HttpConnectionsPerServer = 16;

    /// <summary>An idle connection to a server is kept this long for the next exchange.</summary>
    public static readonly TimeSpan HttpIdleTimeout = TimeSpan.FromSeconds(20);

    /// <summary>For the connection alone, within the deadline of the exchange; TCP's own patience is two minutes.</summary>
    public static readonly TimeSpan HttpConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Commits joined into one transaction: one fsync for all of them.</summary>
    public const int CommitGroup = 1024;
}
