using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>
/// Decides for one swarm which tracker is asked, when, and with which event: the rules of
/// docs/protocol/announcing.md.
/// </summary>
internal sealed class AnnounceSchedule(Hash20 swarm)
{
    private TrackerEntry[] entries = [];
    private bool finishPending;

    public Hash20 Swarm => swarm;

    /// <summary>All trackers, in the order in which they are tried.</summary>
    public IReadOnlyList<TrackerEntry> Entries => entries;

    /// <summary>The tracker that responded last; null when none works.</summary>
    public TrackerEntry? Working { get; private set; }

    /// <summary>All trackers have failed, or there are none.</summary>
    public bool AllFailed => Working is null && entries.All(entry => entry.Failures > 0);

    /// <summary>The tracker to announce to now; null when no announce is due.</summary>
    /// <param name="peersMissing">We want peers and have none, so an early announce is welcome.</param>
    public TrackerEntry? Due(DateTimeOffset now, bool peersMissing)
    {
        if (Working is not null && now < DueOf(Working, peersMissing))
        {
            return null;
        }
        // Every announce starts at the top (BEP 12), and skips the trackers whose time has not come.
        foreach (var entry in entries)
        {
            if (DueOf(entry, peersMissing) <= now)
            {
                return entry;
            }
        }
        return null;
    }

    /// <summary>When <see cref="Due"/> next returns a tracker; null: never.</summary>
    public DateTimeOffset? NextDue(bool peersMissing)
    {
        if (Working is not null)
        {
            return DueOf(Working, peersMissing);
        }
        var next = DateTimeOffset.MaxValue;
        foreach (var entry in entries)
        {
            next = entry.Next < next ? entry.Next : next;
        }
        return next == DateTimeOffset.MaxValue ? null : next;
    }

    /// <summary>The event of the next announce to a tracker.</summary>
    public AnnounceEvent EventFor(TrackerEntry entry, in AnnounceTotals totals) =>
        // BEP 21 requires it in every announce of a partial seed, also in the first.
        totals.IsPartialSeed
            ? AnnounceEvent.Paused
        : !entry.KnowsUs ? AnnounceEvent.Started
        : finishPending && totals.Left == 0 ? AnnounceEvent.Completed
        : AnnounceEvent.None;

    /// <summary>
    /// The event to send before <c>stopped</c>, because the torrent stopped right after it completed; null: none.
    /// </summary>
    public AnnounceEvent? EventBeforeStop(TrackerEntry entry, in AnnounceTotals totals) =>
        finishPending && totals is { Left: 0 } && (Working is null || Working == entry)
            ? AnnounceEvent.Completed
            : null;

    /// <summary>
    /// This download has just received the last piece that is wanted: announced at once, as <c>completed</c> when
    /// nothing is left (BEP 3), else as <c>paused</c> (BEP 21).
    /// </summary>
    public void Finished(DateTimeOffset now)
    {
        finishPending = true;
        if (Working is not null)
        {
            Working.Next = now;
        }
    }

    /// <summary>The user wants an announce.</summary>
    /// <param name="force">Also before the trackers permit it.</param>
    public void AnnounceNow(DateTimeOffset now, bool force)
    {
        foreach (var entry in entries)
        {
            var earliest = force || entry.Permitted < now ? now : entry.Permitted;
            if ((Working is null || Working == entry) && (force || earliest < entry.Next))
            {
                entry.Next = earliest;
            }
        }
    }

    /// <summary>Records a successful announce and the intervals the tracker requested.</summary>
    public void Succeeded(TrackerEntry entry, DateTimeOffset now, AnnounceRequest request, AnnounceResponse response)
    {
        var interval = Clamp(response.Interval ?? EngineLimits.DefaultAnnounceInterval);
        var permitted = interval;
        if (response.MinInterval is { } min)
        {
            permitted = Clamp(min);
            interval = interval < permitted ? permitted : interval;
        }
        var answer = new AnnounceAnswer(
            response.Complete,
            response.Incomplete,
            response.Downloaded,
            response.Peers.Count,
            response.WarningMessage,
            response.TrackerId
        );
        entry.Succeeded(answer, now + interval, now + permitted);
        if (Array.IndexOf(entries, entry) >= 0)
        {
            Working = entry;
            MoveToFrontOfTier(entry);
        }
        Sent(now, request);
    }

    /// <summary>
    /// The torrent stopped before the response; the tracker may have received the announce all the same.
    /// </summary>
    public void Abandoned(TrackerEntry entry, AnnounceRequest request)
    {
        entry.IsAnnouncing = false;
        entry.KnowsUs = true;
        Sent(entry.Next, request);
    }

    /// <summary>Records an announce that the tracker rejected, or that did not reach it.</summary>
    public void Failed(TrackerEntry entry, DateTimeOffset now, AnnounceOutcome outcome)
    {
        var rejection = outcome.Response;
        var reason = rejection?.FailureReason ?? outcome.Failure;
        if (outcome.IsFinal || rejection?.NeverRetry == true)
        {
            Failed(entry, reason, DateTimeOffset.MaxValue, DateTimeOffset.MaxValue);
            return;
        }
        var requested = Longest(outcome.RetryAfter, Longest(rejection?.RetryIn, rejection?.Interval));
        var backOff = BackOff(
            rejection is null ? EngineLimits.TrackerBackOff : EngineLimits.RejectionBackOff,
            entry.Failures
        );
        if (Longest(requested, rejection?.MinInterval) is not { } permitted)
        {
            Failed(entry, reason, now + backOff, permitted: null);
            return;
        }
        var earliest = now + Clamp(permitted);
        // Only `min interval` alone leaves the choice to us.
        var next = requested is null && now + backOff > earliest ? now + backOff : earliest;
        Failed(entry, reason, next, earliest);
    }

    /// <summary>Records that the tracker was not asked, because it answers nobody until a time.</summary>
    public void Deferred(TrackerEntry entry, string reason, DateTimeOffset until) =>
        Failed(entry, reason, until, permitted: null);

    /// <summary>
    /// Replaces the tiers. Trackers that stay keep their state. Returns those that are gone and know us.
    /// </summary>
    public IReadOnlyList<TrackerEntry> Replace(IReadOnlyList<IReadOnlyList<string>> tiers, Entropy entropy)
    {
        var old = entries;
        entries = [];
        for (var tier = 0; tier < tiers.Count; tier++)
        {
            var urls = tiers[tier].ToArray();
            entropy.Shuffle(urls.AsSpan());
            // Known trackers keep their order, in front of new ones.
            foreach (var url in urls.OrderBy(url => (uint)Array.FindIndex(old, entry => entry.Url == url)))
            {
                var known = Array.Find(old, entry => entry.Url == url);
                if (known is not null)
                {
                    known.Tier = tier;
                }
                Add(known ?? new TrackerEntry(url, tier));
            }
        }
        foreach (var entry in old.Where(entry => entry.Tier == TrackerStatus.DiscoveredTier))
        {
            Add(entry);
        }
        return Gone(old);
    }

    /// <summary>Adds URLs from the tracker source after all tiers; known ones are skipped.</summary>
    public void AddDiscovered(IEnumerable<string> urls)
    {
        foreach (var url in urls)
        {
            Add(new TrackerEntry(url, TrackerStatus.DiscoveredTier));
        }
    }

    /// <summary>Removes the trackers of the tracker source. Returns those that know us.</summary>
    public IReadOnlyList<TrackerEntry> RemoveDiscovered()
    {
        var old = entries;
        entries = [.. old.Where(entry => entry.Tier != TrackerStatus.DiscoveredTier)];
        return Gone(old);
    }

    public TrackerStatus StatusOf(TrackerEntry entry) =>
        new()
        {
            Url = entry.Url,
            Tier = entry.Tier,
            Swarm = swarm,
            Message = entry.Message,
            Working = entry.IsWorking,
            InUse = Working == entry,
            Announcing = entry.IsAnnouncing,
            LastAsked = entry.LastAsked,
            Next = entry.Next == DateTimeOffset.MinValue || entry.Next == DateTimeOffset.MaxValue ? null : entry.Next,
            Failures = entry.Failures,
            Seeds = entry.Seeds,
            Leechers = entry.Leechers,
            Downloaded = entry.Downloaded,
        };

    private DateTimeOffset DueOf(TrackerEntry entry, bool peersMissing) =>
        peersMissing && entry == Working && entry.Permitted < entry.Next ? entry.Permitted : entry.Next;

    /// <summary>
    /// Clears the pending completion once a request told it. A tracker that saw us start with nothing left must not
    /// count a completion (BEP 3). A completion during a running announce is announced next.
    /// </summary>
    private void Sent(DateTimeOffset now, AnnounceRequest request)
    {
        finishPending &= request.LeftBytes > 0 && request.Event != AnnounceEvent.Paused;
        if (finishPending)
        {
            Finished(now);
        }
    }

    private void Failed(TrackerEntry entry, string reason, DateTimeOffset next, DateTimeOffset? permitted)
    {
        if (Working == entry)
        {
            Working = null;
        }
        entry.Failed(reason, next, permitted);
    }

    private void MoveToFrontOfTier(TrackerEntry entry)
    {
        var front = Array.FindIndex(entries, other => other.Tier == entry.Tier);
        var at = Array.IndexOf(entries, entry);
        Array.Copy(entries, front, entries, front + 1, at - front);
        entries[front] = entry;
    }

    private void Add(TrackerEntry added)
    {
        if (entries.Length < EngineLimits.MaxTrackers && !Array.Exists(entries, entry => entry.Url == added.Url))
        {
            entries = [.. entries, added];
        }
    }

    private List<TrackerEntry> Gone(TrackerEntry[] old)
    {
        if (Working is not null && Array.IndexOf(entries, Working) < 0)
        {
            Working = null;
        }
        return [.. old.Where(entry => entry.KnowsUs && Array.IndexOf(entries, entry) < 0)];
    }

    private static TimeSpan BackOff(TimeSpan first, int failures)
    {
        var pause = first * (1 << Math.Min(failures, 10));
        return pause < EngineLimits.MaxTrackerBackOff ? pause : EngineLimits.MaxTrackerBackOff;
    }

    private static TimeSpan? Longest(TimeSpan? a, TimeSpan? b) => a is null || b > a ? b : a;

    private static TimeSpan Clamp(TimeSpan interval) =>
        interval < EngineLimits.MinAnnounceInterval ? EngineLimits.MinAnnounceInterval
        : interval > EngineLimits.MaxAnnounceInterval ? EngineLimits.MaxAnnounceInterval
        : interval;
}
