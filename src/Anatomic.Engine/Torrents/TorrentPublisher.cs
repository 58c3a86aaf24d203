namespace Anatomic.Engine.Torrents;

/// <summary>
/// Publishes the state of a torrent: snapshots on its <see cref="Torrent"/>, and what changed to the session's change
/// stream. A torrent whose state does not change publishes nothing.
/// </summary>
internal sealed class TorrentPublisher
{
    private readonly TorrentCore core;

    public TorrentPublisher(TorrentCore core)
    {
        this.core = core;
        Handle = new Torrent(core, Snapshot()) { Metainfo = core.Identity.Metainfo };
    }

    public Torrent Handle { get; }

    /// <summary>Publishes an event with the state as it is now.</summary>
    public void Publish(TorrentEventKind kind, string reason)
    {
        var at = core.Shared.World.Clock.GetUtcNow();
        Publish(new TorrentEvent(at, kind, core.Lifecycle.Phase.State, reason));
    }

    /// <summary>Publishes what changed, and an event if there is one.</summary>
    public void Publish(TorrentEvent? happened = null)
    {
        if (core.Lifecycle.Phase is TransferPhase transfer)
        {
            core.Progress = new ByteProgress(transfer.Progress.Done, transfer.Progress.Total);
            core.MissingBytes = transfer.Progress.Missing;
        }
        var changed = TorrentSlices.None;
        var status = Snapshot();
        if (status != Handle.Status)
        {
            Handle.Status = status;
            changed |= TorrentSlices.Summary;
        }
        changed |= PublishFiles() | PublishPeers() | PublishTrackers();
        if (changed != TorrentSlices.None || happened is not null)
        {
            core.Shared.Changed(Handle, changed, happened);
        }
    }

    /// <summary>Publishes that the metainfo became known, or was unloaded.</summary>
    public void MetainfoChanged() => Handle.Metainfo = core.Identity.Metainfo;

    private TorrentSlices PublishFiles()
    {
        if (core.Lifecycle.Phase is not TransferPhase transfer)
        {
            return TorrentSlices.None;
        }
        var isPublished =
            transfer.Data.Info.ContentFiles.Count <= EngineLimits.MaxUnwatchedFiles
            || Handle.IsWatched(TorrentSlices.Files);
        if (!isPublished || ReferenceEquals(transfer.Progress.Files, Handle.Files))
        {
            return TorrentSlices.None;
        }
        Handle.Files = transfer.Progress.Files;
        return TorrentSlices.Files | TorrentSlices.Pieces;
    }

    private TorrentSlices PublishPeers()
    {
        if (core.Lifecycle.Swarm is not { } swarm)
        {
            var changed = Handle.Peers.Count > 0 ? TorrentSlices.Peers : TorrentSlices.None;
            Handle.Peers = [];
            return changed;
        }
        Handle.RecentDisconnects = swarm.Connections.RecentDisconnects;
        if (!Handle.IsWatched(TorrentSlices.Peers))
        {
            return TorrentSlices.None;
        }
        Handle.Peers = swarm.Connections.PeerStatuses;
        return TorrentSlices.Peers;
    }

    private TorrentSlices PublishTrackers()
    {
        if (core.Lifecycle.Run is not { } run)
        {
            return TorrentSlices.None;
        }
        var statuses = run.Announcer.Statuses;
        if (statuses.SequenceEqual(Handle.Trackers))
        {
            return TorrentSlices.None;
        }
        Handle.Trackers = statuses;
        return TorrentSlices.Trackers;
    }

    private TorrentStatus Snapshot()
    {
        var phase = core.Lifecycle.Phase;
        var context = core.Lifecycle.Swarm?.Context;
        var (done, total) = core.Progress;
        var totals = core.Totals;
        var rate = context?.Down.Rate ?? 0;
        return new TorrentStatus
        {
            State = phase.State,
            Mode = core.Settings.Mode,
            Name = core.Settings.Name ?? core.Identity.Name,
            InfoHashV1 = core.Identity.HashV1,
            InfoHashV2 = core.Identity.HashV2,
            Done = (phase as CheckPhase)?.Progress.GoodBytes ?? done,
            Total = total,
            CheckedBytes = (phase as CheckPhase)?.Progress.CheckedBytes ?? 0,
            MovedBytes = (phase as TransferPhase)?.Move?.Done ?? 0,
            MoveBytes = (phase as TransferPhase)?.Move?.Total ?? 0,
            DownloadRate = rate,
            UploadRate = context?.Up.Rate ?? 0,
            Downloaded = totals.DownloadedBytes,
            Uploaded = totals.UploadedBytes,
            Redundant = context?.DownloadTotals.RedundantBytes ?? 0,
            HashFailed = context?.DownloadTotals.HashFailedBytes ?? 0,
            Peers = context?.Peers.Count ?? 0,
            Seeds = context?.Peers.Count(peer => peer.IsSeed) ?? 0,
            Eta =
                phase.State == TorrentState.Downloading && rate > 0 && total > done
                    ? TimeSpan.FromSeconds(Math.Ceiling((double)(total - done) / rate))
                    : null,
            QueuePosition = core.Settings.QueuePosition,
            AddedAt = core.Settings.AddedAt,
            CompletedAt = core.Settings.CompletedAt,
            Fault = (phase as FaultPhase)?.Reason,
        };
    }
}
