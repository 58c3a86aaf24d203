using Anatomic.Engine.Peers;
using Anatomic.Engine.Trackers;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>What exists from the start of a torrent to its stop: its trackers, known addresses, and peers.</summary>
internal sealed class TorrentRun : IAnnouncingTorrent, IDisposable
{
    private readonly TorrentCore core;
    private readonly Action peerFound;
    private readonly CancellationTokenSource stopping;
    private long uploadedAtTick;

    private TorrentRun(TorrentCore core, Action peerFound, CancellationTokenSource stopping)
    {
        this.core = core;
        this.peerFound = peerFound;
        this.stopping = stopping;
        Stop = stopping.Token;
        Gate.IsPrivate = core.Identity.Metainfo?.Info.IsPrivate ?? false;
        Addresses = new PeerList(core.Shared.Options.AllowPrivate, Gate, core.Shared.Bans);
        Announcer = new TorrentAnnouncer(this, core.Shared.Trackers, Stop);
    }

    public PeerSourceGate Gate { get; } = new();
    public PeerList Addresses { get; }
    public TorrentAnnouncer Announcer { get; }

    /// <summary>Cancelled when the torrent stops.</summary>
    public CancellationToken Stop { get; }

    /// <summary>The connected peers; null while the torrent is idle.</summary>
    public TorrentSwarm? Swarm { get; set; }

    /// <summary>When the last block was sent, or when seeding began.</summary>
    public DateTimeOffset LastUpload { get; set; }

    /// <summary>Since when no peer is connected; null while one is.</summary>
    public DateTimeOffset? EmptySince { get; private set; }

    public ILoop Loop => core.Loop;
    public ITrackerSource? TrackerSource => core.TrackerSource;

    public AnnounceTotals AnnounceTotals
    {
        get
        {
            // A magnet link does not tell how much is left. Any value but 0 is correct, as 0 would announce a seed.
            var left = (core.Lifecycle.Phase as TransferPhase)?.Progress.Missing ?? core.MissingBytes;
            var isPartialSeed = left > 0 && core.Lifecycle.Phase.State == TorrentState.Seeding;
            var totals = core.Totals;
            return new AnnounceTotals(
                totals.UploadedBytes,
                totals.DownloadedBytes,
                left ?? PeerLimits.BlockBytes,
                isPartialSeed
            );
        }
    }

    /// <summary>Starts to announce a torrent, and looks up the peers that the user or the link names.</summary>
    /// <param name="peerFound">Called when an address was found that was not known.</param>
    /// <param name="sessionStop">Cancelled when the session ends.</param>
    public static TorrentRun Open(TorrentCore core, Action peerFound, CancellationToken sessionStop)
    {
        var run = new TorrentRun(core, peerFound, CancellationTokenSource.CreateLinkedTokenSource(sessionStop));
        run.Announcer.Start(core.Identity.SwarmIds, core.TrackerTiers);
        _ = run.AddInitialPeersAsync();
        return run;
    }

    public void PeersFound(IReadOnlyList<Endpoint> peers, Hash20 swarm, PeerSource source)
    {
        var before = Addresses.Count;
        foreach (var peer in peers.Take(EngineLimits.MaxAnnouncedPeers))
        {
            Addresses.Add(peer, source, swarm);
        }
        if (Addresses.Count > before || Addresses.HasDue(core.Shared.Now))
        {
            peerFound();
        }
    }

    public void AnnounceEnded() => core.Shared.Wake(core);

    /// <summary>
    /// Takes note of the metadata of a magnet link: its second swarm, and whether the torrent is private. A private one
    /// drops what came from sources that are closed to it.
    /// </summary>
    public void MetadataKnown(TorrentInfo info)
    {
        Gate.IsPrivate = info.IsPrivate;
        foreach (
            var peer in Swarm?.Context.Peers.Where(peer => peer.Candidate is { } from && !Gate.Allows(from.Source))
                ?? []
        )
        {
            peer.Drop("the torrent is private, and the peer did not come from its trackers");
        }
        Addresses.RemoveForbidden();
        Announcer.GateChanged();
        Announcer.Start(core.Identity.SwarmIds, core.TrackerTiers);
    }

    /// <summary>When the torrent was last woken.</summary>
    public DateTimeOffset WokenAt { get; private set; }

    /// <summary>The idle torrent has peers again, or will have soon.</summary>
    public void Woken(DateTimeOffset now)
    {
        EmptySince = null;
        WokenAt = now;
    }

    /// <summary>Drives peers and trackers.</summary>
    public void Tick(TorrentPhase phase, DateTimeOffset now)
    {
        if (Swarm is { } swarm)
        {
            swarm.Tick(now);
            (phase as TransferPhase)?.Tick(now);
            if (swarm.Context.Up.Total != uploadedAtTick)
            {
                uploadedAtTick = swarm.Context.Up.Total;
                LastUpload = now;
            }
            EmptySince = swarm.IsEmpty ? EmptySince ?? now : null;
        }
        Announcer.PeersMissing = phase.State != TorrentState.Seeding && Swarm is { Context.Peers.Count: 0 };
        Announcer.Tick(now);
    }

    /// <summary>Cancels everything that runs.</summary>
    public void Cancel() => stopping.Cancel();

    public void Dispose() => stopping.Dispose();

    private async Task AddInitialPeersAsync()
    {
        try
        {
            var fromMagnet = core.Identity.Magnet?.Peers ?? [];
            await InitialPeers.AddAsync(core.Shared.World.Network, Addresses, core.Settings.Peers, fromMagnet, Stop);
            core.Shared.Wake(core);
        }
        catch (OperationCanceledException)
        {
            // The torrent was stopped.
        }
    }
}
