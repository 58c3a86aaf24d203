using Anatomic.Engine.Peers;
using Anatomic.Engine.Trackers;
using Anatomic.Wire;

namespace Anatomic.Engine.Torrents;

/// <summary>What exists from the start of a torrent to its stop: its trackers, known addresses, and peers.</summary>
internal sealed class TorrentRun(CancellationTokenSource stopping, PeerList addresses, TorrentAnnouncer announcer)
    : IDisposable
{
    private long uploadedAtTick;

    public PeerList Addresses => addresses;
    public TorrentAnnouncer Announcer => announcer;

    /// <summary>Cancelled when the torrent stops.</summary>
    public CancellationToken Stop { get; } = stopping.Token;

    /// <summary>The connected peers; null while the torrent is idle.</summary>
    public TorrentSwarm? Swarm { get; set; }

    /// <summary>When the last block was sent, or when seeding began.</summary>
    public DateTimeOffset LastUpload { get; set; }

    /// <summary>Since when no peer is connected; null while one is.</summary>
    public DateTimeOffset? EmptySince { get; private set; }

    /// <summary>Starts to announce a torrent, and looks up the peers that the user or the link names.</summary>
    /// <param name="peerFound">Called when an address was found that was not known.</param>
    /// <param name="sessionStop">Cancelled when the session ends.</param>
    public static TorrentRun Open(TorrentCore core, Action peerFound, CancellationToken sessionStop)
    {
        var stopping = CancellationTokenSource.CreateLinkedTokenSource(sessionStop);
        var addresses = new PeerList(core.Shared.Options.AllowPrivate, new PeerSourceGate(), core.Shared.Bans);
        var announcer = core.CreateAnnouncer(Add, stopping.Token);
        announcer.Start(core.Identity.SwarmIds);
        var run = new TorrentRun(stopping, addresses, announcer);
        _ = run.AddInitialPeersAsync(core);
        return run;

        void Add(Endpoint address, Hash20 swarm)
        {
            var before = addresses.Count;
            addresses.Add(address, PeerSource.Tracker, swarm);
            if (addresses.Count > before)
            {
                peerFound();
            }
        }
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
            if (phase.State != TorrentState.Seeding && swarm.Context.Peers.Count == 0)
            {
                announcer.AnnounceSoon(now);
            }
        }
        announcer.Tick(now);
    }

    /// <summary>Cancels everything that runs.</summary>
    public void Cancel() => stopping.Cancel();

    public void Dispose() => stopping.Dispose();

    private async Task AddInitialPeersAsync(TorrentCore core)
    {
        try
        {
            var fromMagnet = core.Identity.Magnet?.Peers ?? [];
            await InitialPeers.AddAsync(core.Shared.World.Network, addresses, core.Settings.Peers, fromMagnet, Stop);
            core.Shared.Wake(core);
        }
        catch (OperationCanceledException)
        {
            // The torrent was stopped.
        }
    }
}
