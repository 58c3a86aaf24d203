using Anatomic.Wire;

namespace Anatomic.Cli.Runtime;

/// <summary>The limits of this room: what arguments, files and servers may make the program hold.</summary>
internal static class CliLimits
{
    /// <summary>Largest .torrent file downloaded from a web address: 32 MiB, more than any real one.</summary>
    public const int MaxDownloadedTorrentBytes = 32 << 20;

    /// <summary>Redirects followed for a .torrent file; browsers follow 20, torrent sites need one or two.</summary>
    public const int MaxRedirects = 5;

    /// <summary>Time for one request of that download.</summary>
    public static readonly TimeSpan DownloadTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Largest file with an exported key; a key has 52 letters.</summary>
    public const int MaxKeyFileBytes = 4096;

    /// <summary>Highest file number in <c>--select</c>: a torrent cannot have more files.</summary>
    public const int MaxFileNumber = MetainfoLimits.MaxFiles;

    /// <summary>Most nodes in <c>--nodes</c>: an order names no more candidates.</summary>
    public const int MaxNodes = NetworkLimits.MaxCandidates;

    /// <summary>
    /// Distinct exceptions that the event log reports; one that recurs per packet must not fill the disk.
    /// </summary>
    public const int MaxDistinctExceptions = 100;
}
