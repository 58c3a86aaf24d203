using Anatomic.Engine.Hashing;
using Anatomic.Engine.Metadata;
using Anatomic.Engine.Peers;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Storage;
using Anatomic.Engine.Trackers;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>
/// The state machine of a torrent: metadata, checking, downloading, seeding, and stopped or faulted from each. It owns the
/// parts and passes what happens in one to the others. Everything runs on the torrent's loop.
/// </summary>
internal sealed class TorrentCore
{
    private readonly TorrentContext torrent;
    private readonly CancellationTokenSource stopping;
    private readonly TaskCompletionSource completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MetadataExchange metadata;
    private readonly PeerMessageHandler dialog;
    private readonly Swarm swarm;
    private readonly TorrentAnnouncer announcing;
    private TorrentState state = TorrentState.Metadata;
    private TorrentProgress? progress;
    private PieceLayerDownload? layers;
    private CheckProgress? checking;
    private string? fault;
    private DateTimeOffset lastSave;
    private bool isSaving;
    private int unsaved;

    public TorrentCore(SharedResources share, AddTorrent add, ILoop loop, CancellationTokenSource stopping)
    {
        this.stopping = stopping;
        torrent = new TorrentContext(share, add, loop, stopping.Token)
        {
            HashV1 = add.Metainfo is { } file ? file.Info.HashV1 : add.Magnet!.HashV1,
            HashV2 = add.Metainfo is { } same ? same.Info.HashV2 : add.Magnet!.HashV2,
            Metainfo = add.Metainfo,
        };
        var addresses = new PeerList(share.Options.AllowPrivate);
        metadata = new MetadataExchange(torrent) { Known = MetadataKnown, Unusable = Fail };
        dialog = new PeerMessageHandler(torrent, metadata, addresses);
        swarm = new Swarm(torrent, dialog, addresses) { Failed = Fail };
        announcing = new TorrentAnnouncer(
            torrent,
            Figures,
            (at, id) => swarm!.Addresses.Add(at, PeerSource.Tracker, id)
        );
        Handle = new Torrent(this, Snapshot());
        // A failure that nobody waits for is in the status all the same.
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
    public IEnumerable<Hash20> Swarms => torrent.Swarms;

    /// <summary>As last published, so that any loop may ask.</summary>
    public bool HasEnded => Handle.Status.State is TorrentState.Stopped or TorrentState.Faulted;
    private bool IsEnded => state is TorrentState.Stopped or TorrentState.Faulted;

    /// <summary>Starts; the flow ends once the torrent transfers, or waits for metadata.</summary>
    public async Task StartAsync()
    {
        announcing.Begin();
        await InitialPeers.AddAsync(torrent, swarm.Addresses);
        if (torrent.Metainfo is not null)
        {
            BeginLayers();
            if (torrent.Metainfo.Info.HasV1 || layers is null)
            {
                await PrepareAsync();
            }
        }
        Tick(torrent.Now);
    }

    public Task AcceptAsync(IConnection connection, Handshake theirs) =>
        IsEnded || state == TorrentState.Checking
            ? connection.DisposeAsync().AsTask()
            : swarm.AcceptAsync(connection, theirs);

    /// <summary>Once a second.</summary>
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
            swarm.Tick(now);
            dialog.Downloader?.Tick(now);
            dialog.Uploader?.Tick(now);
            metadata.Tick(now);
            layers?.Tick(now);
            if (state != TorrentState.Seeding && torrent.Peers.Count == 0)
            {
                announcing.Hurry(now);
            }
            announcing.Tick(now);
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
        completed.TrySetCanceled();
        var farewell = announcing.StopAsync();
        await swarm.CloseAsync();
        await CloseStorageAsync();
        await farewell;
    }

    private async Task CloseStorageAsync()
    {
        if (torrent.Storage is null)
        {
            return;
        }
        if (torrent.Had is not null && unsaved > 0 && fault is null)
        {
            using var timer = new CancellationTokenSource(EngineLimits.ShutdownTimeout, torrent.World.Clock);
            await SaveAsync(timer.Token);
        }
        dialog.Downloader?.Close();
        dialog.Uploader?.Close();
        await torrent.Storage.DisposeAsync();
    }

    private void MetadataKnown(TorrentInfo info)
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
        announcing.Begin();
        BeginLayers();
        if (info.HasV1 || layers is null)
        {
            _ = PrepareLaterAsync();
        }
        layers?.Tick(torrent.Now);
    }

    private void SetMetainfo(TorrentMetainfo metainfo)
    {
        torrent.Metainfo = metainfo;
        Handle.Metainfo = metainfo;
    }

    /// <summary>A v2 torrent without its layers cannot be checked; a hybrid goes on by v1 and fetches them for others.</summary>
    private void BeginLayers()
    {
        var metainfo = torrent.Metainfo!;
        Handle.Metainfo = metainfo;
        if (!metainfo.Info.HasV2 || metainfo.HasAllPieceLayers)
        {
            dialog.Hashes = metainfo.Info.HasV2 ? new HashResponder(metainfo) : null;
            return;
        }
        layers = new PieceLayerDownload(torrent) { Complete = LayersKnown };
        dialog.Layers = layers;
    }

    private void LayersKnown(IReadOnlyDictionary<Hash32, ReadOnlyMemory<byte>> fetched)
    {
        if (!torrent.Metainfo!.TryWithPieceLayers(fetched, out var whole, out var broken))
        {
            Fail($"the piece layers cannot be used: {broken}");
            return;
        }
        SetMetainfo(whole);
        dialog.Hashes = new HashResponder(whole);
        dialog.Layers = layers = null;
        if (torrent.Verifier is null)
        {
            _ = PrepareLaterAsync();
        }
        else
        {
            torrent.Verifier = new PieceVerifier(whole, torrent.World.Workers);
        }
    }

    private async Task PrepareLaterAsync()
    {
        try
        {
            await PrepareAsync();
        }
        catch (OperationCanceledException)
        {
            // It was stopped meanwhile.
        }
        catch (Exception broken)
        {
            Fail(broken.Message);
        }
    }

    /// <summary>Checks what is on disk, then begins to transfer.</summary>
    private async Task PrepareAsync()
    {
        state = TorrentState.Checking;
        var info = torrent.Info;
        progress = new TorrentProgress(info, WantsFile);
        torrent.Verifier = new PieceVerifier(torrent.Metainfo!, torrent.World.Workers);
        var root = torrent.Add.DataPath ?? TorrentStorage.RootOf(torrent.Add.Folder, info);
        torrent.Storage = new TorrentStorage(torrent.World.Disk, info, root);
        Publish();
        (var had, unsaved) = await InitialCheck.CheckAsync(torrent, step => checking = step);
        checking = null;
        for (var piece = 0; piece < info.PieceCount; piece++)
        {
            if (had[piece])
            {
                progress.Add(new PieceIndex(piece));
            }
        }
        if (torrent.Add.SeedOnly && had.IsEmpty)
        {
            throw new EngineException($"nothing of the torrent's data is at {root}");
        }
        if (!torrent.Add.SeedOnly)
        {
            await torrent.Storage.PrepareAsync(torrent.Stop);
        }
        torrent.Had = had;
        BeginTransfer(had);
    }

    private bool WantsFile(int index) =>
        torrent.Add.Files?.Contains(index) ?? torrent.Add.Magnet?.Selects(index) ?? true;

    private void BeginTransfer(PieceSet had)
    {
        dialog.Uploader = new Uploader(torrent) { ReadFailed = Fail };
        state = TorrentState.Seeding;
        if (!torrent.Add.SeedOnly && progress!.Done < progress.Total)
        {
            state = TorrentState.Downloading;
            dialog.Downloader = new Downloader(torrent, InitialCheck.MakePicker(torrent, had, progress))
            {
                PieceWritten = PieceWritten,
                Failed = Fail,
                Proven = BanPeer,
            };
        }
        swarm.IsSeeding = dialog.Uploader.IsSeeding = state == TorrentState.Seeding;
        dialog.PiecesReady();
        if (state == TorrentState.Seeding)
        {
            _ = FinishAsync();
        }
        Tick(torrent.Now);
    }

    private void PieceWritten(int piece)
    {
        unsaved++;
        progress!.Add(new PieceIndex(piece));
        dialog.Uploader!.Written((long)piece * torrent.Info.PieceLength, torrent.Info.PieceSize(new PieceIndex(piece)));
        if (dialog.Downloader!.Picker.Remaining == 0)
        {
            dialog.Downloader.Close();
            dialog.Downloader = null;
            state = TorrentState.Seeding;
            swarm.IsSeeding = dialog.Uploader.IsSeeding = true;
            announcing.Completed(torrent.Now);
            _ = FinishAsync();
        }
    }

    /// <summary>Everything wanted is here: durable first, then it is said.</summary>
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
                torrent.Storage!.SetExecutable();
            }
            Publish();
            completed.TrySetResult();
        }
        catch (OperationCanceledException)
        {
            // Stopping has said so already.
        }
    }

    private async Task SaveAsync(CancellationToken stop)
    {
        isSaving = true;
        unsaved = 0;
        lastSave = torrent.Now;
        try
        {
            var had = torrent.Had!.Clone();
            if (torrent.Share.Resume is { } resume)
            {
                await resume.SaveAsync(torrent.Storage!, had, stop);
            }
            else
            {
                await torrent.Storage!.FlushAsync(stop);
            }
        }
        catch (DiskException broken)
        {
            Fail($"what was downloaded cannot be made durable: {broken.Message}");
        }
        finally
        {
            isSaving = false;
        }
    }

    private void BanPeer(int number, string reason)
    {
        if (torrent.PeerOf(number) is { } peer)
        {
            swarm.Addresses.Ban(peer.Remote, reason);
            peer.Drop(reason);
        }
    }

    public void Fail(string why)
    {
        if (IsEnded)
        {
            return;
        }
        state = TorrentState.Faulted;
        fault = why;
        completed.TrySetException(new EngineException(why));
        foreach (var peer in torrent.Peers.ToArray())
        {
            peer.Drop("the torrent has failed");
        }
        Publish();
    }

    private AnnounceTotals Figures() =>
        new(
            torrent.Up.Total,
            torrent.Down.Total,
            // A magnet does not know how much is left; anything but 0, which would call it a seed.
            progress is null
            || torrent.Had is null
                ? PeerLimits.BlockBytes
                : progress.Total - progress.Done
        );

    private void Publish() => Handle.Status = Snapshot();

    private TorrentStatus Snapshot()
    {
        var left = progress is null ? 0 : progress.Total - progress.Done;
        var rate = torrent.Down.Rate;
        return new TorrentStatus
        {
            State = state,
            Name = torrent.Metainfo?.Info.Name ?? torrent.Add.Magnet?.DisplayName ?? torrent.Swarms.First().ToString(),
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
            Trackers = announcing.Statuses,
            RecentDisconnects = swarm?.RecentDisconnects ?? [],
            Fault = fault,
        };
    }
}
