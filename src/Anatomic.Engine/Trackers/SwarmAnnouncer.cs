using Anatomic.Engine.Torrents;
using Anatomic.Wire;
using Anatomic.Wire.Trackers;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>What a torrent has to say of itself.</summary>
internal readonly record struct AnnounceTotals(long Uploaded, long Downloaded, long Left);

/// <summary>Keeps one swarm's trackers told; a hybrid torrent has two, one for each id.</summary>
internal sealed class SwarmAnnouncer(
    TorrentContext torrent,
    Hash20 swarm,
    TrackerList plan,
    TrackerClient client,
    uint key
)
{
    private bool isBusy;
    private bool completed;
    private Task asking = Task.CompletedTask;
    private DateTimeOffset finderNotBefore;
    private int findings;

    public required Func<AnnounceTotals> Figures { get; init; }

    public required Action<IReadOnlyList<Endpoint>> Found { get; init; }

    public Hash20 Swarm => swarm;

    public IEnumerable<TrackerStatus> Statuses =>
        plan.Entries.Select(entry => new TrackerStatus(
            entry.Url,
            entry.Tier,
            swarm,
            entry.Message,
            entry.IsWorking,
            entry.NotBefore == default ? null : entry.NotBefore,
            entry.Seeds,
            entry.Leechers
        ));

    /// <summary>Once a second: starts an announce when one is due.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (!isBusy && (plan.Due(now) is not null || MayFind(now)))
        {
            isBusy = true;
            asking = AnnounceDueAsync();
        }
    }

    /// <summary>The download has become complete: the tracker is told at once (BEP 3).</summary>
    public void Completed(DateTimeOffset now)
    {
        completed = true;
        plan.Hurry(now, evenEarly: true);
    }

    /// <summary>Peers are lacking: the tracker is asked as soon as it allows.</summary>
    public void Hurry(DateTimeOffset now) => plan.Hurry(now, evenEarly: false);

    /// <summary>Tells every tracker that knows of us that we go. What was being asked must have been cancelled.</summary>
    public async Task StopAsync(CancellationToken stop)
    {
        isBusy = true;
        await asking;
        await Task.WhenAll(plan.Entries.Where(entry => entry.WasTold).Select(entry => SayStoppedAsync(entry, stop)));
    }

    private async Task SayStoppedAsync(TrackerEntry entry, CancellationToken stop)
    {
        try
        {
            // Who ends the moment the download is complete has not said so yet.
            if (completed && (plan.Working is null || plan.Working == entry))
            {
                await client.AnnounceAsync(entry.Url, Request(entry, AnnounceEvent.Completed), stop);
            }
            await client.AnnounceAsync(entry.Url, Request(entry, AnnounceEvent.Stopped), stop);
        }
        catch (Exception gone) when (gone is NetworkException or OperationCanceledException)
        {
            // It forgets us by itself.
        }
        entry.WasTold = false;
    }

    private bool MayFind(DateTimeOffset now) =>
        torrent.Add.TrackerSource is not null && plan.HasNone && now >= finderNotBefore;

    private async Task AnnounceDueAsync()
    {
        try
        {
            while (plan.Due(torrent.Now) is { } entry)
            {
                await AnnounceAsync(entry);
            }
            if (MayFind(torrent.Now))
            {
                await FindAsync();
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
        var what =
            !entry.WasTold ? AnnounceEvent.Started
            : completed ? AnnounceEvent.Completed
            : AnnounceEvent.None;
        var request = Request(entry, what);
        try
        {
            var reply = await client.AnnounceAsync(entry.Url, request, torrent.Stop);
            if (reply.FailureReason is { } refused)
            {
                var retryIn = reply.NeverRetry ? EngineLimits.MaxAnnounceInterval : reply.RetryIn;
                plan.Failed(entry, torrent.Now, refused, retryIn);
                return;
            }
            entry.TrackerId = reply.TrackerId ?? entry.TrackerId;
            entry.Seeds = reply.Complete;
            entry.Leechers = reply.Incomplete;
            entry.Message = reply.WarningMessage ?? Named(reply.Peers.Count);
            plan.Succeeded(entry, torrent.Now, reply.Interval, reply.MinInterval);
            Told(request);
            findings = 0;
            Found(reply.Peers);
        }
        catch (NetworkException broken)
        {
            plan.Failed(entry, torrent.Now, broken.Message, retryIn: null);
        }
        catch (OperationCanceledException)
        {
            // It may have heard us all the same.
            entry.WasTold = true;
            Told(request);
            throw;
        }
    }

    /// <summary>
    /// A completion that a tracker did not see is no completion there (BEP 3): whoever begins with nothing left was complete
    /// before. One that came while the tracker was being asked is said next.
    /// </summary>
    private void Told(AnnounceRequest request)
    {
        completed &= request.LeftBytes > 0;
        if (completed)
        {
            plan.Hurry(torrent.Now, evenEarly: true);
        }
    }

    private static string Named(int peers) =>
        peers switch
        {
            0 => "it knows nobody else",
            1 => "it named 1 peer",
            _ => $"it named {peers:N0} peers",
        };

    private async Task FindAsync()
    {
        var pause = EngineLimits.TrackerSourceInterval * (1 << Math.Min(findings++, 6));
        finderNotBefore =
            torrent.Now + (pause < EngineLimits.MaxTrackerBackOff ? pause : EngineLimits.MaxTrackerBackOff);
        try
        {
            plan.AddFound(await torrent.Add.TrackerSource!.FindAsync(swarm, torrent.Stop));
        }
        catch (NetworkException)
        {
            // Out of reach at present; asked again after the pause.
        }
    }

    private AnnounceRequest Request(TrackerEntry entry, AnnounceEvent what)
    {
        var figures = Figures();
        return new AnnounceRequest
        {
            Swarm = swarm,
            PeerId = torrent.Share.PeerId,
            // Port 1: nobody listens here, and trackers refuse 0.
            Port = (ushort)(torrent.Share.Port == 0 ? 1 : torrent.Share.Port),
            UploadedBytes = figures.Uploaded,
            DownloadedBytes = figures.Downloaded,
            LeftBytes = figures.Left,
            Event = what,
            Wanted = what == AnnounceEvent.Stopped ? 0 : EngineLimits.NumWant,
            Key = key,
            TrackerId = entry.TrackerId,
        };
    }
}
