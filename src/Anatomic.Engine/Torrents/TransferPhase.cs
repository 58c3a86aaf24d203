using Anatomic.Engine.Picking;
using Anatomic.Engine.Resume;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>Downloads wanted pieces and uploads those we have; saves what was written.</summary>
internal sealed class TransferPhase : TorrentPhase
{
    private readonly TorrentContext torrent;
    private readonly TorrentData data;
    private readonly PeerMessageHandler messages;
    private readonly Uploader uploader;
    private TorrentProgress progress;
    private DateTimeOffset lastSave;
    private readonly PieceWaiters waiters = new();
    private Task saving = Task.CompletedTask;
    private Task closing = Task.CompletedTask;
    private ByteProgress? move;
    private bool isDownloading;
    private int unsaved;
    private bool hasFailed;

    public TransferPhase(
        TorrentContext torrent,
        TorrentData data,
        PeerMessageHandler messages,
        TorrentSettings settings
    )
    {
        this.torrent = torrent;
        this.data = data;
        this.messages = messages;
        progress = TorrentProgress.Of(data.Info, settings, torrent.HavePieces!);
        uploader = new Uploader(torrent) { ReadFailed = Fail, IsSuperSeeding = settings.SuperSeed };
        messages.Uploader = uploader;
    }

    public override TorrentState State =>
        move is not null ? TorrentState.Moving
        : isDownloading ? TorrentState.Downloading
        : TorrentState.Seeding;

    /// <summary>Bytes that were moved and their total while the data is moved; null otherwise.</summary>
    public ByteProgress? Move => move;

    /// <summary>Called when the phase cannot continue, with the reason.</summary>
    public required Action<string> Failed { get; init; }

    /// <summary>Called when the phase begins or ends to download, with whether it ended with the last piece.</summary>
    public required Action<bool> DirectionChanged { get; init; }

    /// <summary>Called when every wanted piece was verified, written and saved.</summary>
    public required Action Completed { get; init; }

    /// <summary>Called with the address that sent a wrong piece, and the reason for the user.</summary>
    public required Action<Endpoint, string> BadSourceFound { get; init; }

    /// <summary>Wanted and completed bytes.</summary>
    public TorrentProgress Progress => progress;

    public TorrentData Data => data;

    /// <summary>Everything that was written is in the resume data.</summary>
    public bool IsSaved => unsaved == 0 && saving.IsCompleted;

    /// <summary>Decides what to download; called once, before <see cref="Start"/>.</summary>
    public void Prepare(TorrentSettings settings)
    {
        if (!settings.SeedOnly && progress.Done < progress.Total)
        {
            StartDownload(settings);
        }
        uploader.Unchoker.IsSeeding = messages.Downloader is null;
    }

    /// <summary>Starts to transfer.</summary>
    public void Start()
    {
        messages.DataChecked();
        if (messages.Downloader is null)
        {
            _ = FinishAsync();
        }
    }

    /// <summary>Switches superseeding (BEP 16).</summary>
    public void SetSuperSeed(bool superSeed) => uploader.IsSuperSeeding = superSeed;

    /// <summary>Changes which files are wanted, with which priority, and in which order.</summary>
    /// <param name="before">The settings until now.</param>
    /// <exception cref="EngineException">A file on disk would be overwritten.</exception>
    /// <exception cref="DiskException">The files cannot be prepared.</exception>
    public async Task SelectAsync(TorrentSettings settings, TorrentSettings before)
    {
        // Pieces of an earlier download may still be written.
        await closing;
        if (!settings.SeedOnly)
        {
            await new DataOpener(torrent.Disk, torrent.Shared.Resume).SelectAsync(
                data.Storage,
                torrent.HavePieces!,
                settings,
                before,
                torrent.Stop
            );
        }
        progress = TorrentProgress.Of(data.Info, settings, torrent.HavePieces!);
        var isDone = settings.SeedOnly || progress.Done == progress.Total;
        if (messages.Downloader is not { } downloader)
        {
            if (!isDone)
            {
                StartDownload(settings);
                uploader.Unchoker.IsSeeding = false;
                DirectionChanged(false);
            }
        }
        else if (isDone)
        {
            StopDownload(hasFinished: false);
        }
        else
        {
            downloader.Picker.Sequential = settings.Sequential;
            downloader.Prioritise(PrioritiesOf(settings));
        }
    }

    public void Tick(DateTimeOffset now)
    {
        messages.Downloader?.Tick(now);
        uploader.Tick(now);
        if (unsaved > 0 && now - lastSave > EngineLimits.FlushInterval && saving.IsCompleted && !hasFailed)
        {
            saving = SaveAsync(torrent.Stop);
        }
    }

    /// <summary>
    /// Reads from the piece space, once the pieces are there. The first piece and those after it are downloaded before
    /// all others.
    /// </summary>
    /// <returns>The number of bytes read, up to the end of the first piece.</returns>
    public async Task<int> ReadAsync(long offset, Memory<byte> into, CancellationToken stop)
    {
        var piece = new PieceIndex((int)(offset / data.Info.PieceLength));
        if (!torrent.HavePieces![piece])
        {
            RequestSoon(piece);
            await waiters.WaitAsync(piece, stop);
        }
        var end = ((long)piece.Value * data.Info.PieceLength) + data.Info.PieceSize(piece);
        var part = into[..(int)Math.Min(into.Length, end - offset)];
        var holes = await data.Storage.ReadAsync(offset, part, stop);
        return holes.Overlap(offset, part.Length)
            ? throw new EngineException(
                $"{data.Storage.PathOf(data.Info.FileAt(offset))} is shorter than when it was checked"
            )
            : part.Length;
    }

    /// <summary>
    /// Moves or renames the files. Reads and writes wait; the connections stay open, and other torrents go on.
    /// </summary>
    /// <param name="alongside">Changes to become durable together with the new layout; null: none.</param>
    /// <exception cref="EngineException">Something is at the new place already. Nothing was moved.</exception>
    /// <exception cref="DiskException">The disk failed. All files are at the old place.</exception>
    public async Task RelocateAsync(StorageLayout to, StoreBatch? alongside, CancellationToken stop)
    {
        move = default(ByteProgress);
        try
        {
            await new DataMover(data.Storage, torrent.Shared.Resume).RunAsync(
                to,
                () => torrent.HavePieces!,
                alongside,
                (done, total) => move = new ByteProgress(done, total),
                stop
            );
        }
        finally
        {
            move = null;
        }
    }

    /// <summary>Saves what was written and closes the files.</summary>
    public override async Task CloseAsync()
    {
        waiters.End("the torrent was stopped");
        await closing;
        await messages.StopDownloadingAsync();
        await IgnoreCancellationAsync(saving);
        if (unsaved > 0 && !hasFailed)
        {
            using var timer = new CancellationTokenSource(EngineLimits.ShutdownTimeout, torrent.World.Clock);
            await IgnoreCancellationAsync(SaveAsync(timer.Token));
        }
        uploader.Close();
        messages.Uploader = null;
        await data.Storage.DisposeAsync();
    }

    private void RequestSoon(PieceIndex piece)
    {
        if (messages.Downloader is not { } downloader || !downloader.Picker.Wants(piece))
        {
            throw new EngineException("this part of the torrent is not selected for download");
        }
        var ahead = Math.Max(1, EngineLimits.ReadAheadBytes / data.Info.PieceLength);
        for (var i = 0; i < ahead && piece.Value + i < data.Info.PieceCount; i++)
        {
            var next = new PieceIndex(piece.Value + i);
            if (downloader.Picker.Wants(next))
            {
                downloader.SetDeadline(next, torrent.Now + (i * EngineLimits.ReadAheadStep));
            }
        }
    }

    private void StartDownload(TorrentSettings settings)
    {
        var picker = CreatePicker();
        picker.Sequential = settings.Sequential;
        messages.StartDownloading(
            new Downloader(torrent, picker)
            {
                PieceWritten = PieceWritten,
                Failed = Fail,
                BadSourceFound = BadSourceFound,
            }
        );
        messages.Downloader!.Prioritise(PrioritiesOf(settings));
        isDownloading = true;
    }

    private PiecePicker CreatePicker()
    {
        var picker = new PiecePicker(
            data.Info.PieceCount,
            piece => RequestScheduler.BlockCount(data.Info.PieceContentSize(piece)),
            torrent.World.Entropy.Fork("picking")
        );
        for (var i = 0; i < data.Info.PieceCount; i++)
        {
            if (torrent.HavePieces![new PieceIndex(i)])
            {
                picker.MarkHave(new PieceIndex(i));
            }
        }
        return picker;
    }

    private byte[] PrioritiesOf(TorrentSettings settings)
    {
        var files = new byte[data.Info.ContentFiles.Count];
        for (var i = 0; i < files.Length; i++)
        {
            files[i] = settings.PriorityOf(i);
        }
        return PiecePriorities.Of(data.Info, files);
    }

    private void StopDownload(bool hasFinished)
    {
        closing = messages.StopDownloadingAsync();
        isDownloading = false;
        uploader.Unchoker.IsSeeding = true;
        DirectionChanged(hasFinished);
        _ = FinishAsync();
    }

    private void PieceWritten(PieceIndex piece)
    {
        unsaved++;
        progress.Add(piece);
        waiters.Written(piece);
        uploader.PieceWritten((long)piece.Value * data.Info.PieceLength, data.Info.PieceSize(piece));
        if (messages.Downloader is { Picker.Remaining: 0 })
        {
            StopDownload(hasFinished: true);
        }
    }

    /// <summary>Saves the completed data first, then reports completion.</summary>
    private async Task FinishAsync()
    {
        try
        {
            await saving;
            if (unsaved > 0)
            {
                await (saving = SaveAsync(torrent.Stop));
            }
            if (!hasFailed)
            {
                Completed();
            }
        }
        catch (OperationCanceledException)
        {
            // The torrent stops; closing saves the rest.
        }
    }

    private async Task SaveAsync(CancellationToken stop)
    {
        var pieces = unsaved;
        lastSave = torrent.Now;
        try
        {
            if (torrent.Shared.Resume is { } resume)
            {
                await resume.SaveAsync(data.Storage, torrent.HavePieces!, stop);
            }
            else
            {
                await data.Storage.FlushAsync(stop);
            }
            unsaved -= pieces;
        }
        catch (DiskException failure)
        {
            Fail($"cannot save the downloaded data: {failure.Message}");
        }
    }

    private void Fail(string reason)
    {
        hasFailed = true;
        Failed(reason);
    }

    private static async Task IgnoreCancellationAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // The caller saves again, or has no more time for it.
        }
    }
}
