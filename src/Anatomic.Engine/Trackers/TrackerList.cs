using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>One announce URL and how it has answered.</summary>
internal sealed class TrackerEntry(string url, int tier)
{
    public string Url { get; } = url;

    /// <summary>From 0; -1 when a finder brought it.</summary>
    public int Tier { get; } = tier;

    /// <summary>Failures in a row.</summary>
    public int Failures { get; set; }
    public DateTimeOffset NotBefore { get; set; }

    /// <summary>Not before this, whatever happens: the tracker's own wish.</summary>
    public DateTimeOffset Earliest { get; set; }
    public string Message { get; set; } = "";
    public bool IsWorking { get; set; }

    /// <summary>It knows that we are here, and wants to hear when we go.</summary>
    public bool WasTold { get; set; }
    public byte[]? TrackerId { get; set; }
    public int? Seeds { get; set; }
    public int? Leechers { get; set; }
}

/// <summary>
/// Which tracker is asked when. The policy: tiers in their order, shuffled once within themselves (BEP 12). Every announce goes
/// through them from the top, past those whose pause is not over, and ends with the first that answers; that one moves to the
/// front of its tier. A failed tracker pauses for 15 s, doubled each time up to half an hour, or as long as it says (BEP 31);
/// the next is asked at once. Only when all have failed is the finder asked, and what it brings comes behind all tiers.
/// </summary>
internal sealed class TrackerList
{
    private readonly List<TrackerEntry> entries = [];

    public TrackerList(IReadOnlyList<IReadOnlyList<string>> tiers, Entropy entropy)
    {
        for (var tier = 0; tier < tiers.Count; tier++)
        {
            var urls = tiers[tier].ToArray();
            entropy.Shuffle(urls.AsSpan());
            foreach (var url in urls)
            {
                Add(url, tier);
            }
        }
    }

    public IReadOnlyList<TrackerEntry> Entries => entries;

    /// <summary>The tracker that answered last; null when none does.</summary>
    public TrackerEntry? Working { get; private set; }

    /// <summary>Every tracker has failed, or there is none.</summary>
    public bool HasNone => Working is null && entries.TrueForAll(entry => entry.Failures > 0);

    /// <summary>Whom to ask now; null when it is nobody's turn.</summary>
    public TrackerEntry? Due(DateTimeOffset now)
    {
        if (Working is not null && now < Working.NotBefore)
        {
            return null;
        }
        foreach (var entry in entries)
        {
            if (entry.NotBefore <= now)
            {
                return entry;
            }
        }
        return null;
    }

    /// <summary>Something is to be said at once: the download is complete, or peers are lacking.</summary>
    /// <param name="now">The time.</param>
    /// <param name="evenEarly">Even before the tracker's least interval is over.</param>
    public void Hurry(DateTimeOffset now, bool evenEarly)
    {
        if (Working is not null)
        {
            Working.NotBefore = evenEarly || Working.Earliest < now ? now : Working.Earliest;
        }
    }

    public void Succeeded(TrackerEntry entry, DateTimeOffset now, TimeSpan? interval, TimeSpan? least)
    {
        if (Working is not null && Working != entry)
        {
            Working.IsWorking = false;
        }
        Working = entry;
        entry.IsWorking = true;
        entry.WasTold = true;
        entry.Failures = 0;
        entry.Earliest = now + Clamp(least ?? EngineLimits.MinAnnounceInterval);
        entry.NotBefore = now + Clamp(interval ?? EngineLimits.DefaultAnnounceInterval);
        var front = entries.FindIndex(other => other.Tier == entry.Tier);
        entries.Remove(entry);
        entries.Insert(front, entry);
    }

    /// <param name="entry">Who failed.</param>
    /// <param name="now">The time.</param>
    /// <param name="message">Why, for a person.</param>
    /// <param name="retryIn">When it wants to be asked again (BEP 31); null: it does not say.</param>
    public void Failed(TrackerEntry entry, DateTimeOffset now, string message, TimeSpan? retryIn)
    {
        if (Working == entry)
        {
            Working = null;
        }
        entry.IsWorking = false;
        entry.Message = message;
        entry.Failures++;
        var pause = EngineLimits.TrackerBackOff * (1 << Math.Min(entry.Failures - 1, 10));
        pause = pause < EngineLimits.MaxTrackerBackOff ? pause : EngineLimits.MaxTrackerBackOff;
        entry.NotBefore = now + (retryIn is { } said ? Clamp(said) : pause);
    }

    /// <summary>URLs that a finder brought; those known already are passed over.</summary>
    public void AddFound(IEnumerable<string> urls)
    {
        foreach (var url in urls)
        {
            Add(url, -1);
        }
    }

    private void Add(string url, int tier)
    {
        if (entries.Count < EngineLimits.MaxTrackers && entries.TrueForAll(entry => entry.Url != url))
        {
            entries.Add(new TrackerEntry(url, tier));
        }
    }

    private static TimeSpan Clamp(TimeSpan interval) =>
        interval < EngineLimits.MinAnnounceInterval ? EngineLimits.MinAnnounceInterval
        : interval > EngineLimits.MaxAnnounceInterval ? EngineLimits.MaxAnnounceInterval
        : interval;
}
