using Anatomic.Engine.Hashing;
using Anatomic.Engine.Metadata;
using Anatomic.Engine.Peers;
using Anatomic.Engine.Resume;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Trackers;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>
/// The state machine of a torrent: metadata, checking, downloading and seeding; from each it can be stopped or faulted.
/// It owns the torrent's parts and passes events between them. Everything runs on the torrent's loop.
/// </summary>
internal sealed class TorrentCore
{
    private readonly TorrentContext torrent;
    private readonly CancellationTokenSource stopping;
    private readonly TaskCompletionSource completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PeerList addresses;
    private readonly MetadataExchange metadata;
    private readonly PeerMessageHandler messages;
    private readonly PeerConnections connections;
    private readonly TorrentAnnouncer announcer;
    private TorrentState state = TorrentState.Metadata;
    private TorrentProgress? progress;
    private PieceLayerDownload? pieceLayers;
    private CheckProgress? checking;
    private string? fault;
    private DateTimeOffset lastSave;
    private bool isSaving;
    private int unsaved;

    public TorrentCore(SharedResources shared, AddTorrent add, ILoop loop, CancellationTokenSource stopping)
    {
        this.stopping = stopping;
        torrent = new TorrentContext(shared, add, loop, stopping.Token)
        {
            HashV1 = add.Metainfo is { } file ? file.Info.HashV1 : add.Magnet!.HashV1,
            HashV2 = add.Metainfo is { } same ? same.Info.HashV2 : add.Magnet!.HashV2,
            Metainfo = add.Metainfo,
        };
        addresses = new PeerList(shared.Options.AllowPrivate);
        metadata = new MetadataExchange(
            torrent.Extensions,
            torrent.Peers,
            torrent.HashV1,
            torrent.HashV2,
            shared.MetadataMemory,
            shared.World
        )
        {
            Info = add.Metainfo?.Info,
            Completed = MetadataCompleted,
            Failed = Fail,
            BadSourceFound = BanAddress,
        };
        messages = new PeerMessageHandler(torrent, metadata, addresses);
        connections = new PeerConnections(torrent, messages, addresses) { Failed = Fail };
        announcer = new TorrentAnnouncer(
            new AnnounceContext
            {
                World = shared.World,
                PeerId = shared.PeerId,
                Port = shared.Port,
                AllowPrivate = shared.Options.AllowPrivate,
                Tiers = add.AllTiers(),
                TrackerSource = add.TrackerSource,
                Totals = CurrentTotals,
                PeerFound = (address, id) => addresses.Add(address, PeerSource.Tracker, id),
                Stop = stopping.Token,
            }
        );
        Handle = new Torrent(this, Snapshot());
        // Observe the exception even when no one awaits completion; the status shows it as well.
        _ = completed.Task.ContinueWith(
            static task => task.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    public Torrent Handle { get; }
    public ILoop Loop => torrent.Loop;
    public Task Completed => completed.Task;
    public IEnumerable<Hash20> SwarmIds => torrent.SwarmIds;

    /// <summary>Reads the published status, so any loop may call it.</summary>
    public bool HasEnded => Handle.Status.State is TorrentState.Stopped or TorrentState.Faulted;
    private bool IsEnded => state is TorrentState.Stopped or TorrentState.Faulted;

    /// <summary>Starts the torrent; returns once it transfers or waits for metadata.</summary>
    public async Task StartAsync()
    {
        announcer.Start(torrent.SwarmIds);
        await InitialPeers.AddAsync(torrent, addresses);
        if (torrent.Metainfo is not null)
        {
            StartPieceLayers();
            if (torrent.Metainfo.Info.HasV1 || pieceLayers is null)
            {
                await CheckAndStartAsync();
            }
        }
        Tick(torrent.Now);
    }

    public Task AcceptAsync(IConnection connection, Handshake remoteHandshake) =>
        IsEnded || state == TorrentState.Checking
            ? connection.DisposeAsync().AsTask()
            : connections.AcceptAsync(connection, remoteHandshake);

    /// <summary>Drives all parts; called once per second.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (IsEnded)
        {
            return;
        }
        torrent.Down.Tick(now);
        torrent.Up.Tick(now);
        if (state != TorrentState.Checking)
        {
            connections.Tick(now);
            messages.Downloader?.Tick(now);
            messages.Uploader?.Tick(now);
            metadata.Tick(now);
            pieceLayers?.Tick(now);
            if (state != TorrentState.Seeding && torrent.Peers.Count == 0)
            {
                announcer.AnnounceSoon(now);
            }
            announcer.Tick(now);
            if (unsaved > 0 && now - lastSave > EngineLimits.FlushInterval && !isSaving)
            {
                _ = SaveAsync(torrent.Stop);
            }
        }
        Publish();
    }

    public async Task StopAsync()
    {
        if (state == TorrentState.Stopped)
        {
            return;
        }
        if (!IsEnded)
        {
            state = TorrentState.Stopped;
        }
        Publish();
        stopping.Cancel();
        metadata.Close();
        completed.TrySetCanceled();
        var announcerStopped = announcer.StopAsync();
        await connections.CloseAsync();
        await CloseStorageAsync();
        await announcerStopped;
    }

    private async Task CloseStorageAsync()
    {
        if (torrent.Storage is null)
        {
            return;
        }
        if (torrent.HavePieces is not null && unsaved > 0 && fault is null)
        {
            using var timer = new CancellationTokenSource(EngineLimits.ShutdownTimeout, torrent.World.Clock);
            await SaveAsync(timer.Token);
        }
        messages.StopDownloading();
        messages.Uploader?.Close();
        await torrent.Storage.DisposeAsync();
    }

    private void MetadataCompleted(TorrentInfo info)
    {
        torrent.HashV1 = info.HashV1;
        torrent.HashV2 = info.HashV2;
        var magnet = torrent.Add.Magnet!;
        SetMetainfo(
            TorrentMetainfo.FromInfo(
                info,
                new MetainfoEdit
                {
                    AnnounceTiers = [.. magnet.Trackers.Select(url => new[] { url })],
                    WebSeeds = magnet.WebSeeds,
                }
            )
        );
        announcer.Start(torrent.SwarmIds);
        StartPieceLayers();
        if (info.HasV1 || pieceLayers is null)
        {
            _ = CheckAndStartInBackgroundAsync();
        }
        pieceLayers?.Tick(torrent.Now);
    }

    private void SetMetainfo(TorrentMetainfo metainfo)
    {
        torrent.Metainfo = metainfo;
        Handle.Metainfo = metainfo;
    }

    /// <summary>
    /// Downloads missing piece layers. A v2 torrent cannot be checked without them; a hybrid torrent continues with v1
    /// and downloads them to serve them to others.
    /// </summary>
    private void StartPieceLayers()
    {
        var metainfo = torrent.Metainfo!;
        Handle.Metainfo = metainfo;
        if (!metainfo.Info.HasV2 || metainfo.HasAllPieceLayers)
        {
            messages.Hashes = metainfo.Info.HasV2 ? new HashResponder(metainfo, torrent.World.Workers) : null;
            return;
        }
        pieceLayers = new PieceLayerDownload(torrent.Peers, metainfo, torrent.World.Clock)
        {
            Completed = PieceLayersCompleted,
        };
        messages.PieceLayers = pieceLayers;
    }

    private void PieceLayersCompleted(IReadOnlyDictionary<Hash32, ReadOnlyMemory<byte>> layers)
    {
        if (!torrent.Metainfo!.TryWithPieceLayers(layers, out var complete, out var invalid))
        {
            Fail($"the piece layers cannot be used: {invalid}");
            return;
        }
        SetMetainfo(complete);
        messages.Hashes = new HashResponder(complete, torrent.World.Workers);
        messages.PieceLayers = pieceLayers = null;
        if (torrent.Verifier is null)
        {
            _ = CheckAndStartInBackgroundAsync();
        }
        else
        {
            torrent.Verifier = new PieceVerifier(complete, torrent.World.Workers);
        }
    }

    private async Task CheckAndStartInBackgroundAsync()
    {
        try
        {
            await CheckAndStartAsync();
        }
        catch (OperationCanceledException)
        {
            // The torrent was stopped.
        }
        catch (Exception failure)
        {
            Fail(failure.Message);
        }
    }

    /// <summary>Checks the data on disk, then starts to transfer.</summary>
    private async Task CheckAndStartAsync()
    {
        var info = torrent.Info;
        if (torrent.Add.FindSelectionFault(info) is { } impossible)
        {
            throw new EngineException(impossible);
        }
        state = TorrentState.Checking;
        progress = new TorrentProgress(info, WantsFile);
        torrent.Verifier = new PieceVerifier(torrent.Metainfo!, torrent.World.Workers);
        Publish();
        var opened = await new DataOpener(torrent.Disk, torrent.Shared.Resume).OpenAsync(
            new DataRequest
            {
                Verifier = torrent.Verifier,
                Place = torrent.Add.Place,
                Wants = WantsFile,
                SeedOnly = torrent.Add.SeedOnly,
                Overwrite = torrent.Add.Overwrite,
            },
            step => checking = step,
            torrent.Stop
        );
        torrent.Storage = opened.Storage;
        var have = opened.Have;
        checking = null;
        for (var i = 0; i < info.PieceCount; i++)
        {
            if (have[new PieceIndex(i)])
            {
                progress.Add(new PieceIndex(i));
            }
        }
        torrent.HavePieces = have;
        StartTransfer(have);
    }

    private bool WantsFile(int index) =>
        torrent.Add.Files?.Contains(index) ?? torrent.Add.Magnet?.Selects(index) ?? true;

    private void StartTransfer(PieceSet have)
    {
        messages.Uploader = new Uploader(torrent) { ReadFailed = Fail, IsSuperSeeding = torrent.Add.SuperSeed };
        state = TorrentState.Seeding;
        if (!torrent.Add.SeedOnly && progress!.Done < progress.Total)
        {
            state = TorrentState.Downloading;
            messages.StartDownloading(
                new Downloader(torrent, InitialCheck.CreatePicker(torrent, have, progress))
                {
                    PieceWritten = PieceWritten,
                    Failed = Fail,
                    BadSourceFound = BanAddress,
                }
            );
        }
        connections.IsSeeding = messages.Uploader.Unchoker.IsSeeding = state == TorrentState.Seeding;
        messages.DataChecked();
        if (state == TorrentState.Seeding)
        {
            _ = FinishAsync();
        }
        Tick(torrent.Now);
    }

    private void PieceWritten(PieceIndex piece)
    {
        unsaved++;
        progress!.Add(piece);
        messages.Uploader!.PieceWritten((long)piece.Value * torrent.Info.PieceLength, torrent.Info.PieceSize(piece));
        if (messages.Downloader!.Picker.Remaining == 0)
        {
            messages.StopDownloading();
            state = TorrentState.Seeding;
            connections.IsSeeding = messages.Uploader!.Unchoker.IsSeeding = true;
            announcer.Completed(torrent.Now);
            _ = FinishAsync();
        }
    }

    /// <summary>Saves the completed data first, then reports completion.</summary>
    private async Task FinishAsync()
    {
        try
        {
            while (isSaving)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), torrent.World.Clock, torrent.Stop);
            }
            if (unsaved > 0)
            {
                await SaveAsync(torrent.Stop);
            }
            if (!torrent.Add.SeedOnly)
            {
                await torrent.Storage!.SetExecutableAsync(torrent.Stop);
            }
            Publish();
            completed.TrySetResult();
        }
        catch (OperationCanceledException)
        {
            // StopAsync has already cancelled the completion.
        }
    }

    private async Task SaveAsync(CancellationToken stop)
    {
        isSaving = true;
        unsaved = 0;
        lastSave = torrent.Now;
        try
        {
            var have = torrent.HavePieces!.Clone();
            if (torrent.Shared.Resume is { } resume)
            {
                await resume.SaveAsync(torrent.Storage!, have, stop);
            }
            else
            {
                await torrent.Storage!.FlushAsync(stop);
            }
        }
        catch (DiskException failure)
        {
            Fail($"cannot save the downloaded data: {failure.Message}");
        }
        finally
        {
            isSaving = false;
        }
    }

    private void BanAddress(Endpoint address, string reason)
    {
        addresses.Ban(address);
        foreach (var peer in torrent.Peers)
        {
            if (addresses.IsBanned(peer.Remote))
            {
                peer.Drop(reason);
            }
        }
    }

    /// <summary>Ends the torrent with a failure; the reason is shown to the user.</summary>
    public void Fail(string reason)
    {
        if (IsEnded)
        {
            return;
        }
        state = TorrentState.Faulted;
        fault = reason;
        completed.TrySetException(new EngineException(reason));
        foreach (var peer in torrent.Peers)
        {
            peer.Drop("the torrent failed");
        }
        Publish();
    }

    private AnnounceTotals CurrentTotals()
    {
        // A magnet link does not tell how much is left. Any value but 0 is correct, as 0 would announce a seed.
        var left =
            progress is null || torrent.HavePieces is null ? PeerLimits.BlockBytes : progress.Total - progress.Done;
        return new AnnounceTotals(torrent.Up.Total, torrent.Down.Total, left);
    }

    private void Publish() => Handle.Status = Snapshot();

    private TorrentStatus Snapshot()
    {
        var left = progress is null ? 0 : progress.Total - progress.Done;
        var rate = torrent.Down.Rate;
        return new TorrentStatus
        {
            State = state,
            Name =
                torrent.Metainfo?.Info.Name ?? torrent.Add.Magnet?.DisplayName ?? torrent.SwarmIds.First().ToString(),
            InfoHashV1 = torrent.HashV1,
            InfoHashV2 = torrent.HashV2,
            Done = checking?.GoodBytes ?? progress?.Done ?? 0,
            Total = progress?.Total ?? 0,
            DownloadRate = rate,
            UploadRate = torrent.Up.Rate,
            Downloaded = torrent.Down.Total,
            Uploaded = torrent.Up.Total,
            Peers = torrent.Peers.Count,
            Seeds = torrent.Peers.Count(peer => peer.IsSeed),
            Eta =
                state == TorrentState.Downloading && rate > 0 && left > 0
                    ? TimeSpan.FromSeconds(Math.Ceiling((double)left / rate))
                    : null,
            Files = progress?.Files ?? [],
            Trackers = announcer.Statuses,
            Redundant = torrent.DownloadTotals.RedundantBytes,
            HashFailed = torrent.DownloadTotals.HashFailedBytes,
            RecentDisconnects = connections.RecentDisconnects,
            Fault = fault,
        };
    }
}
