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
internal sealed class TorrentAnnouncer(IAnnouncingTorrent torrent, TrackerService service, CancellationToken stop)
    : IAnnounceWaiter
{
    // Two fields instead of a list: an idle torrent's announcer must stay small.
    private AnnounceSchedule? first;
    private AnnounceSchedule? second;
    private Ongoing? ongoing;
    private DateTimeOffset nextSearch;
    private int searches;

    /// <summary>
    /// The torrent wants peers and has none. The next announce then comes as early as the trackers permit.
    /// </summary>
    public bool PeersMissing { get; set; }

    /// <summary>
    /// When <see cref="Tick"/> next has something to do; null: nothing to do, or a running announce ends first. It
    /// changes with <see cref="PeersMissing"/>, with every command, and when an announce ends.
    /// </summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            if (ongoing is not null || stop.IsCancellationRequested)
            {
                return null;
            }
            var next = Earlier(first?.NextDue(PeersMissing), second?.NextDue(PeersMissing));
            return CanSearch ? Earlier(next, nextSearch) : next;
        }
    }

    public IReadOnlyList<TrackerStatus> Statuses =>
        [.. Schedules.SelectMany(schedule => schedule.Entries.Select(schedule.StatusOf))];

    private IEnumerable<AnnounceSchedule> Schedules
    {
        get
        {
            if (first is not null)
            {
                yield return first;
            }
            if (second is not null)
            {
                yield return second;
            }
        }
    }

    private bool CanSearch =>
        (first?.AllFailed == true || second?.AllFailed == true)
        && torrent.TrackerSource is not null
        && torrent.Gate.Allows(PeerSource.TrackerSource);

    private DateTimeOffset Now => service.Identity.Now;

    /// <summary>
    /// Starts to announce the swarms that are not announced yet. The second one of a hybrid magnet link is known only
    /// with its metadata.
    /// </summary>
    /// <param name="swarms">One swarm, or two.</param>
    /// <param name="tiers">Announce URLs in tiers (BEP 12).</param>
    public void Start(IEnumerable<Hash20> swarms, IReadOnlyList<IReadOnlyList<string>> tiers)
    {
        foreach (var swarm in swarms)
        {
            if (first?.Swarm == swarm || second?.Swarm == swarm)
            {
                continue;
            }
            Invariant.Holds(second is null, "a torrent has at most two swarms");
            var schedule = new AnnounceSchedule(swarm);
            schedule.Replace(tiers, service.Identity.Entropy);
            if (first is null)
            {
                first = schedule;
            }
            else
            {
                second = schedule;
            }
        }
    }

    /// <summary>Starts an announce when one is due.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (ongoing is not null || stop.IsCancellationRequested)
        {
            return;
        }
        // One after the other: a hybrid torrent asks its tracker for the second swarm when the first was answered.
        foreach (var schedule in Schedules)
        {
            if (schedule.Due(now, PeersMissing) is { } entry)
            {
                entry.IsAnnouncing = true;
                ongoing = new Ongoing(schedule, entry);
                service.Enter(entry.Url, torrent.Loop, this);
                return;
            }
        }
        if (CanSearch && now >= nextSearch)
        {
            ongoing = new Ongoing(first!, null);
            ongoing.Task = FindTrackersAsync();
        }
    }

    /// <inheritdoc cref="AnnounceSchedule.Finished"/>
    public void Finished(DateTimeOffset now)
    {
        first?.Finished(now);
        second?.Finished(now);
    }

    /// <inheritdoc cref="AnnounceSchedule.AnnounceNow"/>
    public void AnnounceNow(DateTimeOffset now, bool force)
    {
        first?.AnnounceNow(now, force);
        second?.AnnounceNow(now, force);
    }

    /// <summary>Replaces the trackers while the torrent runs; those that are gone are told that we stopped.</summary>
    public void Replace(IReadOnlyList<IReadOnlyList<string>> tiers)
    {
        foreach (var schedule in Schedules)
        {
            _ = LeaveAsync(schedule, schedule.Replace(tiers, service.Identity.Entropy));
        }
    }

    /// <summary>
    /// Stops using what the gate forbids now, because the metadata of a magnet link turned out to be private.
    /// </summary>
    public void GateChanged()
    {
        if (!torrent.Gate.Allows(PeerSource.TrackerSource))
        {
            foreach (var schedule in Schedules)
            {
                _ = LeaveAsync(schedule, schedule.RemoveDiscovered());
            }
        }
    }

    /// <summary>
    /// Sends <c>stopped</c> to every tracker that knows us, within <see cref="EngineLimits.StoppedAnnounceTimeout"/>.
    /// The announcer's token must be cancelled before, so that a running announce ends.
    /// </summary>
    public async Task StopAsync()
    {
        if (ongoing is { Task: { } running })
        {
            await running;
        }
        await Task.WhenAll(Schedules.Select(schedule => LeaveAsync(schedule, schedule.Entries)));
    }

    void IAnnounceWaiter.Granted()
    {
        // The tracker may have been removed while the announce waited.
        if (
            ongoing is { Entry: { } entry, Schedule: var schedule }
            && !stop.IsCancellationRequested
            && schedule.Entries.Contains(entry)
        )
        {
            ongoing.Task = AnnounceAsync(schedule, entry);
            return;
        }
        var waiting = ongoing!.Entry!;
        waiting.IsAnnouncing = false;
        service.GiveBack(waiting.Url);
        ongoing = null;
    }

    void IAnnounceWaiter.Denied(string reason, DateTimeOffset until)
    {
        var entry = ongoing!.Entry!;
        // Those who were denied together do not come back together.
        until += EngineLimits.TrackerBackOff * service.Identity.Entropy.NextDouble();
        ongoing.Schedule.Deferred(entry, reason, until);
        if (OtherDue(ongoing.Schedule, entry.Url) is var (other, same))
        {
            other.Deferred(same, reason, until);
        }
        End();
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;

    /// <summary>Ends an announce or a search, and goes on with what is due.</summary>
    private void End()
    {
        ongoing = null;
        if (!stop.IsCancellationRequested)
        {
            Tick(Now);
            torrent.AnnounceEnded();
        }
    }

    /// <summary>The same tracker in the other swarm's schedule, when it is due there.</summary>
    private (AnnounceSchedule Schedule, TrackerEntry Entry)? OtherDue(AnnounceSchedule asked, string url)
    {
        var other = asked == first ? second : first;
        var same = other?.Entries.FirstOrDefault(entry => entry.Url == url);
        return same is not null && same.Next <= Now ? (other!, same) : null;
    }

    private async Task LeaveAsync(AnnounceSchedule schedule, IReadOnlyList<TrackerEntry> trackers)
    {
        var known = trackers.Where(entry => entry.KnowsUs).ToArray();
        if (known.Length > 0)
        {
            using var timer = new CancellationTokenSource(EngineLimits.StoppedAnnounceTimeout, service.Identity.Clock);
            await Task.WhenAll(known.Select(entry => SendStoppedAsync(schedule, entry, timer.Token)));
        }
    }

    private async Task SendStoppedAsync(AnnounceSchedule schedule, TrackerEntry entry, CancellationToken timeout)
    {
        entry.KnowsUs = false;
        List<AnnounceRequest> requests = [];
        if (schedule.EventBeforeStop(entry, torrent.AnnounceTotals) is { } before)
        {
            requests.Add(Request(schedule, entry, before));
        }
        requests.Add(Request(schedule, entry, AnnounceEvent.Stopped));
        try
        {
            await service.AnnounceFirstAsync(entry.Url, requests, timeout);
        }
        catch (OperationCanceledException)
        {
            // The tracker drops us by itself after a while.
        }
    }

    private async Task AnnounceAsync(AnnounceSchedule schedule, TrackerEntry entry)
    {
        var request = Request(schedule, entry, schedule.EventFor(entry, torrent.AnnounceTotals));
        entry.Asked(Now);
        try
        {
            var outcome = await service.AnnounceAsync(
                entry.Url,
                request,
                peers => torrent.Loop.Post(() => PeersFound(schedule, entry, peers)),
                stop
            );
            Apply(schedule, entry, request, outcome);
        }
        catch (OperationCanceledException)
        {
            schedule.Abandoned(entry, request);
        }
        End();
    }

    private void Apply(AnnounceSchedule schedule, TrackerEntry entry, AnnounceRequest request, AnnounceOutcome outcome)
    {
        var now = Now;
        if (outcome.Response is { FailureReason: null } response)
        {
            schedule.Succeeded(entry, now, request, response);
            searches = 0;
            PeersFound(schedule, entry, response.Peers);
            return;
        }
        schedule.Failed(entry, now, outcome);
        // Failed for one swarm as it would for any: the other one does not try the same at once.
        if (outcome.IsOfTracker && OtherDue(schedule, entry.Url) is var (other, same))
        {
            same.Asked(now);
            other.Failed(same, now, outcome);
        }
    }

    private void PeersFound(AnnounceSchedule schedule, TrackerEntry entry, IReadOnlyList<Endpoint> peers)
    {
        var isOwn = entry.Tier != TrackerStatus.DiscoveredTier;
        if (peers.Count > 0 && !stop.IsCancellationRequested)
        {
            torrent.PeersFound(peers, schedule.Swarm, isOwn ? PeerSource.Tracker : PeerSource.TrackerSource);
        }
    }

    private async Task FindTrackersAsync()
    {
        var pause = EngineLimits.TrackerSourceInterval * (1 << Math.Min(searches++, 6));
        nextSearch = Now + (pause < EngineLimits.MaxTrackerBackOff ? pause : EngineLimits.MaxTrackerBackOff);
        foreach (var schedule in Schedules.Where(schedule => schedule.AllFailed))
        {
            try
            {
                var found = await torrent.TrackerSource!.FindAsync(schedule.Swarm, stop);
                if (torrent.Gate.Allows(PeerSource.TrackerSource))
                {
                    schedule.AddDiscovered(found);
                }
            }
            catch (Exception failure) when (failure is NetworkException or OperationCanceledException)
            {
                // Not reachable now, and tried again after the pause; or the torrent stops.
            }
        }
        End();
    }

    private AnnounceRequest Request(AnnounceSchedule schedule, TrackerEntry entry, AnnounceEvent announceEvent)
    {
        var totals = torrent.AnnounceTotals;
        var identity = service.Identity;
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

    /// <summary>An announce that waits for its turn or runs; without a tracker, a search for trackers.</summary>
    private sealed class Ongoing(AnnounceSchedule schedule, TrackerEntry? entry)
    {
        public AnnounceSchedule Schedule => schedule;
        public TrackerEntry? Entry => entry;

        /// <summary>Null while the turn has not come.</summary>
        public Task? Task { get; set; }
    }
}
