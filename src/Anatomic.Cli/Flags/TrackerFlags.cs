using System.CommandLine;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Tracker.Policy;

namespace Anatomic.Cli.Flags;

/// <summary>How a node answers announces and scrapes: whom, how often, and up to which limits.</summary>
internal sealed class TrackerFlags
{
    private static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxInterval = TimeSpan.FromHours(2);

    private readonly Option<string[]> tokens = new("--announce-token")
    {
        HelpName = "WORD",
        Description = "Answer only announces and scrapes with this token, as in /WORD/announce; repeatable",
    };

    private readonly Option<string> interval = new("--interval")
    {
        HelpName = "TIME",
        Description = "Announce interval, 10s to 2h [default: 30m]",
    };

    private readonly Option<string> rateLimit = new("--rate-limit")
    {
        HelpName = "N",
        Description =
            "Requests per second and address, with a burst of 20 seconds' worth; 0 for no limit "
            + $"[default: {TrackerOptions.DefaultRateLimit}; 0 on private networks]",
    };

    private readonly Option<string> maxSwarms = new("--max-swarms")
    {
        HelpName = "N",
        Description = "Maximum number of torrents [default: 4000000]",
    };

    private readonly Option<string> maxPeers = new("--max-peers")
    {
        HelpName = "N",
        Description = "Maximum number of peers [default: 16000000]",
    };

    private readonly Option<string> maxMemory = new("--max-memory")
    {
        HelpName = "SIZE",
        Description = "Maximum memory for torrents and peers, such as 2G [default: no limit]",
    };

    private readonly Option<bool> fullScrape = new("--full-scrape")
    {
        Description = "Answer an HTTP scrape that names no torrent with all of them",
    };

    public IEnumerable<Option> All => [tokens, interval, rateLimit, maxSwarms, maxPeers, maxMemory, fullScrape];

    /// <summary>The announce interval.</summary>
    public TimeSpan Interval(VerbContext context)
    {
        if (context.Get(interval) is not { Length: > 0 } value)
        {
            return new TrackerOptions().Interval;
        }
        var time = FlagValues.Duration(interval.Name, value);
        return time >= MinInterval && time <= MaxInterval
            ? time
            : throw CliException.UsageError($"--interval {value} must be from 10s to 2h");
    }

    /// <summary>The tracker's options.</summary>
    /// <exception cref="CliException">Options are invalid; the message lists every fault.</exception>
    public TrackerOptions Options(VerbContext context, bool isPrivate)
    {
        var defaults = new TrackerOptions();
        var options = defaults with
        {
            AnnounceTokens = context.Get(tokens) ?? [],
            RateLimit = Number(context, rateLimit, isPrivate ? 0 : TrackerOptions.DefaultRateLimit),
            MaxSwarms = Number(context, maxSwarms, defaults.MaxSwarms),
            MaxPeers = Number(context, maxPeers, defaults.MaxPeers),
            FullScrape = context.Get(fullScrape),
            MaxMemoryBytes = context.Get(maxMemory) is { Length: > 0 } size
                ? FlagValues.Bytes(maxMemory.Name, size)
                : defaults.MaxMemoryBytes,
        };
        var faults = options.Validate();
        return faults.Count == 0 ? options : throw CliException.UsageError(string.Join("; ", faults));
    }

    private static int Number(VerbContext context, Option<string> flag, int fallback) =>
        FlagValues.Number(flag.Name, context.Get(flag), fallback);
}
