using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>Announces one swarm to its trackers. A hybrid torrent has two swarms, one per info-hash.</summary>
/// <param name="swarm">The v1 info-hash or the truncated v2 info-hash.</param>
/// <param name="key">Identifies us to a tracker when our address changes (BEP 7, BEP 15).</param>
internal sealed class SwarmAnnouncer(
    AnnounceContext context,
    Hash20 swarm,
    TrackerList trackers,
    TrackerClient client,
    uint key
)
{
    private bool isBusy;
    private bool completionPending;
    private Task announcing = Task.CompletedTask;
    private DateTimeOffset nextSearch;
    private int searches;

    public Hash20 Swarm => swarm;

    public IEnumerable<TrackerStatus> Statuses =>
        trackers.Entries.Select(entry => new TrackerStatus(
            entry.Url,
            entry.Tier,
            swarm,
            entry.Message,
            entry.IsWorking,
            entry.NextAnnounce == default ? null : entry.NextAnnounce,
            entry.Seeds,
            entry.Leechers
        ));

    /// <summary>Starts an announce when one is due; called once per second.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (!isBusy && (trackers.Due(now) is not null || CanFindTrackers(now)))
        {
            isBusy = true;
            announcing = AnnounceDueAsync();
        }
    }

    /// <summary>Announces at once that the download has completed (BEP 3).</summary>
    public void Completed(DateTimeOffset now)
    {
        completionPending = true;
        trackers.AnnounceSoon(now, ignoreMinInterval: true);
    }

    /// <summary>Announces as soon as the tracker's minimum interval permits, because peers are missing.</summary>
    public void AnnounceSoon(DateTimeOffset now) => trackers.AnnounceSoon(now, ignoreMinInterval: false);

    /// <summary>
    /// Sends <c>stopped</c> to every tracker that received our <c>started</c>. The context's token must be cancelled
    /// before, so that a running announce ends.
    /// </summary>
    public async Task StopAsync(CancellationToken stop)
    {
        isBusy = true;
        await announcing;
        await Task.WhenAll(
            trackers.Entries.Where(entry => entry.StartSent).Select(entry => SendStoppedAsync(entry, stop))
        );
    }

    private async Task SendStoppedAsync(TrackerEntry entry, CancellationToken stop)
    {
        try
        {
            // The torrent may stop right after it completed, before the announce of the completion.
            if (completionPending && (trackers.Working is null || trackers.Working == entry))
            {
                await client.AnnounceAsync(entry.Url, Request(entry, AnnounceEvent.Completed), stop);
            }
            await client.AnnounceAsync(entry.Url, Request(entry, AnnounceEvent.Stopped), stop);
        }
        catch (Exception failure) when (failure is NetworkException or OperationCanceledException)
        {
            // The tracker drops us by itself after a while.
        }
        entry.StartSent = false;
    }

    private bool CanFindTrackers(DateTimeOffset now) =>
        context.TrackerSource is not null && trackers.AllFailed && now >= nextSearch;

    private async Task AnnounceDueAsync()
    {
        try
        {
            while (trackers.Due(context.Now) is { } entry)
            {
                await AnnounceAsync(entry);
            }
            if (CanFindTrackers(context.Now))
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
    }

    private async Task AnnounceAsync(TrackerEntry entry)
    {
        var announceEvent =
            !entry.StartSent ? AnnounceEvent.Started
            : completionPending ? AnnounceEvent.Completed
            : AnnounceEvent.None;
        var request = Request(entry, announceEvent);
        try
        {
            var response = await client.AnnounceAsync(entry.Url, request, context.Stop);
            if (response.FailureReason is { } reason)
            {
                var retryIn = response.NeverRetry ? EngineLimits.MaxAnnounceInterval : response.RetryIn;
                trackers.Failed(entry, context.Now, reason, retryIn);
                return;
            }
            entry.TrackerId = response.TrackerId ?? entry.TrackerId;
            entry.Seeds = response.Complete;
            entry.Leechers = response.Incomplete;
            entry.Message = response.WarningMessage ?? DescribePeerCount(response.Peers.Count);
            trackers.Succeeded(entry, context.Now, response.Interval, response.MinInterval);
            AnnounceSent(request);
            searches = 0;
            foreach (var peer in response.Peers.Take(EngineLimits.MaxAnnouncedPeers))
            {
                context.PeerFound(peer, swarm);
            }
        }
        catch (NetworkException failure)
        {
            trackers.Failed(entry, context.Now, failure.Message, retryIn: null);
        }
        catch (OperationCanceledException)
        {
            // The tracker may have received it all the same.
            entry.StartSent = true;
            AnnounceSent(request);
            throw;
        }
    }

    /// <summary>
    /// Clears the pending completion once a request said that nothing is left. A tracker that saw us start with nothing
    /// left must not count a completion (BEP 3). A completion during a running announce is announced next.
    /// </summary>
    private void AnnounceSent(AnnounceRequest request)
    {
        completionPending &= request.LeftBytes > 0;
        if (completionPending)
        {
            trackers.AnnounceSoon(context.Now, ignoreMinInterval: true);
        }
    }

    private static string DescribePeerCount(int peers) =>
        peers switch
        {
            0 => "no other peers",
            1 => "1 peer",
            _ => $"{peers:N0} peers",
        };

    private async Task FindTrackersAsync()
    {
        var pause = EngineLimits.TrackerSourceInterval * (1 << Math.Min(searches++, 6));
        nextSearch = context.Now + (pause < EngineLimits.MaxTrackerBackOff ? pause : EngineLimits.MaxTrackerBackOff);
        try
        {
            trackers.AddDiscovered(await context.TrackerSource!.FindAsync(swarm, context.Stop));
        }
        catch (NetworkException)
        {
            // Not reachable now; tried again after the pause.
        }
    }

    private AnnounceRequest Request(TrackerEntry entry, AnnounceEvent announceEvent)
    {
        var totals = context.Totals();
        return new AnnounceRequest
        {
            Swarm = swarm,
            PeerId = context.PeerId,
            // Port 1 when we do not listen, because trackers reject 0.
            Port = (ushort)(context.Port == 0 ? 1 : context.Port),
            UploadedBytes = totals.Uploaded,
            DownloadedBytes = totals.Downloaded,
            LeftBytes = totals.Left,
            Event = announceEvent,
            Wanted = announceEvent == AnnounceEvent.Stopped ? 0 : EngineLimits.NumWant,
            Key = key,
            TrackerId = entry.TrackerId,
        };
    }
}
