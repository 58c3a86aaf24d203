using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>
/// Announces a torrent to its trackers: one swarm, or the two of a hybrid torrent, with at most one announce at a time.
/// Used on the torrent's loop. Between announces it costs neither a task nor a timer: whoever drives it calls
/// <see cref="Tick"/> at <see cref="NextDue"/>.
/// </summary>
internal sealed class TorrentAnnouncer(
    IAnnouncingTorrent torrent,
    TrackerClient client,
    AnnounceIdentity identity,
    CancellationToken stop
)
{
    private AnnounceSchedule[] schedules = [];
    private IReadOnlyList<IReadOnlyList<string>> tiers = [];
    private Task announcing = Task.CompletedTask;
    private bool isBusy;
    private DateTimeOffset nextSearch;
    private int searches;

    /// <summary>
    /// The torrent wants peers and has none. The next announce then comes as early as the trackers permit.
    /// </summary>
    public bool PeersMissing { get; set; }

    /// <summary>
    /// When <see cref="Tick"/> next has something to do; null: nothing to do, or a running announce ends first.
    /// </summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            if (isBusy)
            {
                return null;
            }
            DateTimeOffset? next = CanSearch ? nextSearch : null;
            foreach (var schedule in schedules)
            {
                next = schedule.NextDue(PeersMissing) is { } due && (next is null || due < next) ? due : next;
            }
            return next;
        }
    }

    public IReadOnlyList<TrackerStatus> Statuses =>
        [.. schedules.SelectMany(schedule => schedule.Entries.Select(schedule.StatusOf))];

    private bool CanSearch =>
        torrent.TrackerSource is not null
        && torrent.Gate.Allows(PeerSource.TrackerSource)
        && Array.Exists(schedules, schedule => schedule.AllFailed);

    /// <summary>
    /// Starts to announce the swarms that are not announced yet. The second one of a hybrid magnet link is known only
    /// with its metadata.
    /// </summary>
    /// <param name="announceTiers">Announce URLs in tiers (BEP 12).</param>
    public void Start(IEnumerable<Hash20> swarms, IReadOnlyList<IReadOnlyList<string>> announceTiers)
    {
        tiers = announceTiers;
        foreach (var swarm in swarms)
        {
            if (!Array.Exists(schedules, schedule => schedule.Swarm == swarm))
            {
                var schedule = new AnnounceSchedule(swarm);
                schedule.Replace(tiers, identity.Entropy);
                schedules = [.. schedules, schedule];
            }
        }
    }

    /// <summary>Starts an announce when one is due.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (!isBusy && !stop.IsCancellationRequested && NextDue <= now)
        {
            isBusy = true;
            announcing = AnnounceDueAsync();
        }
    }

    /// <inheritdoc cref="AnnounceSchedule.Finished"/>
    public void Finished(DateTimeOffset now) => Array.ForEach(schedules, schedule => schedule.Finished(now));

    /// <inheritdoc cref="AnnounceSchedule.AnnounceNow"/>
    public void AnnounceNow(DateTimeOffset now, bool force) =>
        Array.ForEach(schedules, schedule => schedule.AnnounceNow(now, force));

    /// <summary>Replaces the trackers while the torrent runs; those that are gone are told that we stopped.</summary>
    public void Replace(IReadOnlyList<IReadOnlyList<string>> announceTiers)
    {
        tiers = announceTiers;
        foreach (var schedule in schedules)
        {
            LeaveInBackground(schedule, schedule.Replace(tiers, identity.Entropy));
        }
    }

    /// <summary>Adds the trackers of a duplicate of the torrent. Returns all tiers.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Merge(IReadOnlyList<IReadOnlyList<string>> others)
    {
        tiers = TrackerTiers.Merge(tiers, others);
        Array.ForEach(schedules, schedule => schedule.Merge(tiers));
        return tiers;
    }

    /// <summary>
    /// Stops using what the gate forbids now, because the metadata of a magnet link turned out to be private.
    /// </summary>
    public void GateChanged()
    {
        if (!torrent.Gate.Allows(PeerSource.TrackerSource))
        {
            foreach (var schedule in schedules)
            {
                LeaveInBackground(schedule, schedule.RemoveDiscovered());
            }
        }
    }

    /// <summary>
    /// Sends <c>stopped</c> to every tracker that knows us, within <see cref="EngineLimits.StoppedAnnounceTimeout"/>.
    /// The announcer's token must be cancelled before, so that a running announce ends.
    /// </summary>
    public async Task StopAsync()
    {
        isBusy = true;
        await announcing;
        await Task.WhenAll(schedules.Select(schedule => LeaveAsync(schedule, schedule.Entries)));
    }

    private void LeaveInBackground(AnnounceSchedule schedule, IReadOnlyList<TrackerEntry> gone)
    {
        if (gone.Count > 0)
        {
            _ = LeaveAsync(schedule, gone);
        }
    }

    private async Task LeaveAsync(AnnounceSchedule schedule, IReadOnlyList<TrackerEntry> trackers)
    {
        using var timer = new CancellationTokenSource(EngineLimits.StoppedAnnounceTimeout, identity.Clock);
        await Task.WhenAll(
            trackers.Where(entry => entry.KnowsUs).Select(entry => SendStoppedAsync(schedule, entry, timer.Token))
        );
    }

    private async Task SendStoppedAsync(AnnounceSchedule schedule, TrackerEntry entry, CancellationToken timeout)
    {
        try
        {
            if (schedule.EventBeforeStop(entry, torrent.AnnounceTotals) is { } before)
            {
                await client.AnnounceAsync(entry.Url, Request(schedule, entry, before), timeout);
            }
            await client.AnnounceAsync(entry.Url, Request(schedule, entry, AnnounceEvent.Stopped), timeout);
        }
        catch (OperationCanceledException)
        {
            // The tracker drops us by itself after a while.
        }
        entry.KnowsUs = false;
    }

    private async Task AnnounceDueAsync()
    {
        try
        {
            // One after the other: a hybrid torrent asks its tracker for the second swarm when the first was answered.
            while (NextDueTracker() is var (schedule, entry))
            {
                await AnnounceAsync(schedule, entry);
            }
            if (CanSearch && identity.Now >= nextSearch)
            {
                await FindTrackersAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The torrent stops.
        }
        finally
        {
            isBusy = false;
        }
        torrent.AnnounceEnded();
    }

    private (AnnounceSchedule Schedule, TrackerEntry Entry)? NextDueTracker()
    {
        foreach (var schedule in schedules)
        {
            if (schedule.Due(identity.Now, PeersMissing) is { } entry)
            {
                return (schedule, entry);
            }
        }
        return null;
    }

    private async Task AnnounceAsync(AnnounceSchedule schedule, TrackerEntry entry)
    {
        var request = Request(schedule, entry, schedule.EventFor(entry, torrent.AnnounceTotals));
        entry.Asked(identity.Now);
        try
        {
            Apply(schedule, entry, request, await client.AnnounceAsync(entry.Url, request, stop));
        }
        catch (OperationCanceledException)
        {
            schedule.Abandoned(entry, request);
            throw;
        }
    }

    private void Apply(AnnounceSchedule schedule, TrackerEntry entry, AnnounceRequest request, AnnounceOutcome outcome)
    {
        var now = identity.Now;
        if (outcome.Response is not { FailureReason: null } response)
        {
            schedule.Failed(entry, now, outcome);
            if (outcome.IsOfTracker)
            {
                FailedForAll(schedule, entry.Url, now, outcome);
            }
            return;
        }
        schedule.Succeeded(entry, now, request, response);
        searches = 0;
        var isOwn = entry.Tier != TrackerStatus.DiscoveredTier;
        torrent.PeersFound(response.Peers, schedule.Swarm, isOwn ? PeerSource.Tracker : PeerSource.TrackerSource);
    }

    /// <summary>A tracker that failed for one swarm as for any is not asked for the other one at once.</summary>
    private void FailedForAll(AnnounceSchedule asked, string url, DateTimeOffset now, AnnounceOutcome outcome)
    {
        foreach (var schedule in schedules)
        {
            if (
                schedule != asked
                && schedule.Entries.FirstOrDefault(entry => entry.Url == url) is { } same
                && same.Next <= now
            )
            {
                same.Asked(now);
                schedule.Failed(same, now, outcome);
            }
        }
    }

    private async Task FindTrackersAsync()
    {
        var pause = EngineLimits.TrackerSourceInterval * (1 << Math.Min(searches++, 6));
        nextSearch = identity.Now + (pause < EngineLimits.MaxTrackerBackOff ? pause : EngineLimits.MaxTrackerBackOff);
        foreach (var schedule in schedules.Where(schedule => schedule.AllFailed))
        {
            try
            {
                var found = await torrent.TrackerSource!.FindAsync(schedule.Swarm, stop);
                if (torrent.Gate.Allows(PeerSource.TrackerSource))
                {
                    schedule.AddDiscovered(found);
                }
            }
            catch (NetworkException)
            {
                // Not reachable now; tried again after the pause.
            }
        }
    }

    private AnnounceRequest Request(AnnounceSchedule schedule, TrackerEntry entry, AnnounceEvent announceEvent)
    {
        var totals = torrent.AnnounceTotals;
        return new AnnounceRequest
        {
            Swarm = schedule.Swarm,
            PeerId = identity.PeerId,
            Port = identity.Port,
            UploadedBytes = totals.Uploaded,
            DownloadedBytes = totals.Downloaded,
            LeftBytes = totals.Left,
            Event = announceEvent,
            Wanted = announceEvent == AnnounceEvent.Stopped ? 0 : EngineLimits.NumWant,
            Key = identity.Key,
            TrackerId = entry.TrackerId,
        };
    }
}
