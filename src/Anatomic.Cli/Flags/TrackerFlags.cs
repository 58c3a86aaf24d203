using System.CommandLine;
using System.Globalization;
using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Tracker.Policy;

namespace Anatomic.Cli.Flags;

/// <summary>What an operator says about announces and scrapes: who is answered, how often, and how much is kept.</summary>
internal sealed class TrackerFlags
{
    private readonly Option<string[]> tokens = new("--announce-token")
    {
        HelpName = "WORD",
        Description = "Answer only announces and scrapes with this word, as in /WORD/announce; repeatable",
    };

    private readonly Option<string> interval = new("--interval")
    {
        HelpName = "TIME",
        Description = "How often clients are asked to announce, from 10s to 2h [default: 30m]",
    };

    private readonly Option<string> rateLimit = new("--rate-limit")
    {
        HelpName = "N",
        Description =
            $"Requests a second of one address, after 20 seconds' worth at once; 0: no limit [default: {TrackerOptions.DefaultRateLimit}, on private networks 0]",
    };

    private readonly Option<string> maxSwarms = new("--max-swarms")
    {
        HelpName = "N",
        Description = "Most torrents that are tracked at once [default: 4000000]",
    };

    private readonly Option<string> maxPeers = new("--max-peers")
    {
        HelpName = "N",
        Description = "Most peers that are known at once [default: 16000000]",
    };

    private readonly Option<string> maxMemory = new("--max-memory")
    {
        HelpName = "SIZE",
        Description = "Most memory for torrents and peers, as in 2G [default: no bound]",
    };

    private readonly Option<bool> fullScrape = new("--full-scrape")
    {
        Description = "Answer a scrape that names no torrent with all of them, over HTTP",
    };

    public void AddTo(Command verb)
    {
        foreach (Option option in (Option[])[tokens, interval, rateLimit, maxSwarms, maxPeers, maxMemory, fullScrape])
        {
            verb.Add(option);
        }
    }

    /// <summary>How often clients are asked to announce.</summary>
    public TimeSpan Interval(VerbContext context)
    {
        if (context.Get(interval) is not { Length: > 0 } word)
        {
            return new TrackerOptions().Interval;
        }
        var time = FlagValues.Time(interval.Name, word);
        return time >= TimeSpan.FromSeconds(10) && time <= TimeSpan.FromHours(2)
            ? time
            : throw CliException.Arguments($"--interval {word} is not from 10s to 2h");
    }

    /// <summary>The options, or status 2 with everything that is wrong about them.</summary>
    public TrackerOptions Options(VerbContext context, bool isPrivate)
    {
        var usual = new TrackerOptions();
        var options = usual with
        {
            AnnounceTokens = context.Get(tokens) ?? [],
            RateLimit = Number(context, rateLimit, isPrivate ? 0 : TrackerOptions.DefaultRateLimit),
            MaxSwarms = Number(context, maxSwarms, usual.MaxSwarms),
            MaxPeers = Number(context, maxPeers, usual.MaxPeers),
            FullScrape = context.Get(fullScrape),
            MaxMemoryBytes = context.Get(maxMemory) is { Length: > 0 } size
                ? FlagValues.Bytes(maxMemory.Name, size)
                : usual.MaxMemoryBytes,
        };
        var faults = options.Validate();
        return faults.Count == 0 ? options : throw CliException.Arguments(string.Join("; ", faults));
    }

    private static int Number(VerbContext context, Option<string> option, int usual) =>
        context.Get(option) is not { Length: > 0 } word ? usual
        : int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw CliException.Arguments(
            $"{option.Name} {word} is no whole number: write it as in {option.Name} {Math.Max(usual, 100)}"
        );
}
