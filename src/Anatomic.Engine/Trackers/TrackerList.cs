using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>
/// Decides which tracker to announce to, and when. Tiers keep their order, and each is shuffled once (BEP 12). An
/// announce tries the trackers from the top, skips those whose pause is not over, and ends with the first that
/// responds. That tracker moves to the front of its tier. A failed tracker pauses for 15 s, doubled with each failure
/// up to half an hour, or for the time it requests (BEP 31); the next tracker is tried at once. When all have failed,
/// the tracker source is queried; its trackers come after all tiers.
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

    /// <summary>The tracker that responded last; null when none works.</summary>
    public TrackerEntry? Working { get; private set; }

    /// <summary>All trackers have failed, or there are none.</summary>
    public bool AllFailed => Working is null && entries.TrueForAll(entry => entry.Failures > 0);

    /// <summary>The tracker to announce to now; null when no announce is due.</summary>
    public TrackerEntry? Due(DateTimeOffset now)
    {
        if (Working is not null && now < Working.NextAnnounce)
        {
            return null;
        }
        foreach (var entry in entries)
        {
            if (entry.NextAnnounce <= now)
            {
                return entry;
            }
        }
        return null;
    }

    /// <summary>Moves the next announce forward, because the download has completed or peers are missing.</summary>
    /// <param name="ignoreMinInterval">Announce even before the tracker's minimum interval is over.</param>
    public void AnnounceSoon(DateTimeOffset now, bool ignoreMinInterval)
    {
        if (Working is not null)
        {
            Working.NextAnnounce = ignoreMinInterval || Working.MinNextAnnounce < now ? now : Working.MinNextAnnounce;
        }
    }

    /// <summary>Records a successful announce and the intervals the tracker requested.</summary>
    public void Succeeded(TrackerEntry entry, DateTimeOffset now, TimeSpan? interval, TimeSpan? minInterval)
    {
        if (Working is not null && Working != entry)
        {
            Working.IsWorking = false;
        }
        Working = entry;
        entry.IsWorking = true;
        entry.StartSent = true;
        entry.Failures = 0;
        entry.MinNextAnnounce = now + Clamp(minInterval ?? EngineLimits.MinAnnounceInterval);
        entry.NextAnnounce = now + Clamp(interval ?? EngineLimits.DefaultAnnounceInterval);
        var front = entries.FindIndex(other => other.Tier == entry.Tier);
        entries.Remove(entry);
        entries.Insert(front, entry);
    }

    /// <summary>Records a failed announce.</summary>
    /// <param name="entry">The tracker that failed.</param>
    /// <param name="message">The reason, for the user.</param>
    /// <param name="retryIn">When the tracker wants the next announce (BEP 31); null when it does not say.</param>
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
        entry.NextAnnounce = now + (retryIn is { } requested ? Clamp(requested) : pause);
    }

    /// <summary>Adds URLs from the tracker source; known ones are skipped.</summary>
    public void AddDiscovered(IEnumerable<string> urls)
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
