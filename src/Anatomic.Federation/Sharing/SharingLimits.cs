namespace Anatomic.Federation.Sharing;

/// <summary>Bounds of sharing and repair beyond those of the items.</summary>
public static class SharingLimits
{
    /// <summary>A batch is filled up to here; what is left of 256 KiB is for the envelope and the estimate's error.</summary>
    public const int BatchFillBytes = 240 * 1024;

    /// <summary>Addresses remembered of a partner for one torrent, to hold its prefixes to their cap.</summary>
    public const int MaxRemembered = 1000;

    /// <summary>Changes that wait for one partner: what a minute brings to some thousand busy swarms. Beyond it, it is told of swarms as a whole.</summary>
    public const int MaxWaitingChanges = 65_536;

    /// <summary>How long a shared address counts against its prefix: as long as a tracker keeps a peer, at most.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromMinutes(45);

    /// <summary>Longest wait between two tries at a partner that does not answer.</summary>
    public static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(60);

    /// <summary>How long a partner counts as answering after it was heard: two heartbeats and a late one.</summary>
    public static readonly TimeSpan Answering = TimeSpan.FromMinutes(5);

    /// <summary>How far a batch's time may be behind: a late one is no replay.</summary>
    public static readonly TimeSpan MaxBehind = TimeSpan.FromMinutes(10);

    /// <summary>How often holders are counted and the silent ones looked at.</summary>
    public static readonly TimeSpan ReviewEvery = TimeSpan.FromSeconds(10);

    /// <summary>How often the supernodes are asked about one silent partner.</summary>
    public static readonly TimeSpan AskDeathEvery = TimeSpan.FromMinutes(1);

    /// <summary>The holder at place k waits k times this before it fills a gap.</summary>
    public static readonly TimeSpan CarryStep = TimeSpan.FromMinutes(1);

    /// <summary>A candidate that refused a carry, or gave the order up, is left alone for so long.</summary>
    public static readonly TimeSpan AvoidRefusing = TimeSpan.FromHours(24);

    /// <summary>A candidate that could not be reached with a carry is left alone for so long.</summary>
    public static readonly TimeSpan AvoidUnreachable = TimeSpan.FromMinutes(10);

    /// <summary>How often the records of partners without one are looked for.</summary>
    public static readonly TimeSpan FindEvery = TimeSpan.FromSeconds(20);

    /// <summary>Partners known to be needed but without a record are looked for in the name of so many orders at once.</summary>
    public const int FindsAtOnce = 8;
}
