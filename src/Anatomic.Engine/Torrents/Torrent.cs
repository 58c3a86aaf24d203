using Anatomic.Engine.Peers;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Storage;
using Anatomic.Engine.Trackers;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Torrents;

/// <summary>
/// A torrent of a running session. Every member may be called from any thread. Commands run one after the other; each
/// completes when its effect is saved and has begun.
/// </summary>
public sealed class Torrent
{
    private readonly TorrentCore core;
    private volatile TorrentStatus status;
    private volatile TorrentMetainfo? metainfo;
    private volatile IReadOnlyList<FileStatus> files = [];
    private volatile IReadOnlyList<PeerStatus> peers = [];
    private volatile IReadOnlyList<TrackerStatus> trackers = [];
    private volatile IReadOnlyList<string> recentDisconnects = [];
    private int watchedFiles;
    private int watchedPeers;

    internal Torrent(TorrentCore core, TorrentStatus status)
    {
        this.core = core;
        this.status = status;
    }

    /// <summary>Unique in the session, from 1, in the order of adding.</summary>
    public int Id => core.Id;

    /// <summary>The latest status.</summary>
    public TorrentStatus Status
    {
        get => status;
        internal set => status = value;
    }

    /// <summary>
    /// The torrent's metainfo. Null until a magnet link's metadata is downloaded, and while the torrent is idle;
    /// <see cref="GetMetainfoAsync"/> loads it. v2 piece layers may follow later.
    /// </summary>
    public TorrentMetainfo? Metainfo
    {
        get => metainfo;
        internal set => metainfo = value;
    }

    /// <summary>
    /// All files without padding, in the torrent's order, as they were when the torrent last transferred. Updated each
    /// second for up to 500 files, for more only while a reader watches <see cref="TorrentSlices.Files"/>.
    /// </summary>
    public IReadOnlyList<FileStatus> Files
    {
        get => files;
        internal set => files = value;
    }

    /// <summary>The connected peers; updated only while a reader watches <see cref="TorrentSlices.Peers"/>.</summary>
    public IReadOnlyList<PeerStatus> Peers
    {
        get => peers;
        internal set => peers = value;
    }

    /// <summary>All trackers, in the order in which they are tried.</summary>
    public IReadOnlyList<TrackerStatus> Trackers
    {
        get => trackers;
        internal set => trackers = value;
    }

    /// <summary>
    /// Why the last connections ended, newest last, at most 16: <c>1.2.3.4:6881: the peer sent a wrong piece 7</c>.
    /// </summary>
    public IReadOnlyList<string> RecentDisconnects
    {
        get => recentDisconnects;
        internal set => recentDisconnects = value;
    }

    /// <summary>
    /// Completes when every wanted piece is verified, written and flushed, or, for a torrent that only seeds, when it
    /// is checked. Fails with <see cref="EngineException"/> when the torrent cannot continue. Cancelled when the
    /// torrent is stopped before. Starting the torrent again renews it.
    /// </summary>
    public Task Completed => core.Lifecycle.Completed;

    /// <summary>Starts the torrent as soon as the session's queue admits it.</summary>
    /// <param name="mode"><see cref="RunMode.Forced"/> ignores the queue.</param>
    public Task StartAsync(RunMode mode = RunMode.Started)
    {
        if (mode == RunMode.Stopped)
        {
            throw new ArgumentOutOfRangeException(nameof(mode), mode, "use StopAsync to stop a torrent");
        }
        return RunAsync(() => core.Lifecycle.StartAsync(mode));
    }

    /// <summary>
    /// Sends <c>stopped</c> to the trackers, closes the connections, flushes the data and saves the resume data.
    /// </summary>
    public Task StopAsync()
    {
        core.Loop.Post(core.Data.Cancel);
        return RunAsync(() => core.Lifecycle.StopAsync(TorrentEventKind.StateChanged, "the user stopped it"));
    }

    /// <summary>Compares all data with the hashes again. A stopped torrent is checked when it starts.</summary>
    public Task RecheckAsync() => RunAsync(core.Lifecycle.RecheckAsync);

    /// <summary>Announces to the trackers as soon as they permit it.</summary>
    /// <param name="force">Announces at once, also before the trackers permit it.</param>
    public Task ReannounceAsync(bool force = false) =>
        RunAsync(() =>
        {
            core.Lifecycle.Run?.Announcer.AnnounceNow(core.Shared.Now, force);
            core.Shared.Wake(core);
            return Task.CompletedTask;
        });

    /// <summary>Sets the priority of every file.</summary>
    /// <param name="priorities">
    /// One per file without padding: 0 for unwanted, then 1 to 7, where 7 is downloaded first.
    /// </param>
    /// <exception cref="EngineException">
    /// The metadata is not known, the number of priorities differs, or one is above 7.
    /// </exception>
    public Task SelectAsync(IReadOnlyList<byte> priorities) =>
        RunAsync(async () =>
        {
            await core.LoadMetainfoAsync(CancellationToken.None);
            var count = core.Identity.Metainfo?.Info.ContentFiles.Count;
            if (count is null)
            {
                throw new EngineException("The files of the torrent are not known yet.");
            }
            if (priorities.Count != count || priorities.Any(priority => priority > TorrentSettings.HighestPriority))
            {
                throw new EngineException($"The torrent has {count} files; give each a priority from 0 to 7.");
            }
            var before = core.Settings;
            await core.ChangeAsync(settings => settings with { FilePriorities = [.. priorities] });
            try
            {
                await core.Lifecycle.ApplySelectionAsync(before);
            }
            catch (EngineException)
            {
                await core.ChangeAsync(settings => settings with { FilePriorities = before.FilePriorities });
                throw;
            }
        });

    /// <summary>Downloads pieces in order, or the rarest first.</summary>
    public Task SetSequentialAsync(bool sequential) =>
        RunAsync(async () =>
        {
            var before = core.Settings;
            await core.ChangeAsync(settings => settings with { Sequential = sequential });
            await core.Lifecycle.ApplySelectionAsync(before);
        });

    /// <summary>
    /// Adds announce URLs that the torrent does not have yet, each at the end of its tier, also while it runs.
    /// </summary>
    public Task AddTrackersAsync(IReadOnlyList<IReadOnlyList<string>> tiers) =>
        RunAsync(() => core.EditTrackersAsync(known => TrackerTiers.Merge(known, tiers)));

    /// <summary>
    /// Replaces all announce URLs, also while the torrent runs. Trackers that stay keep their state; those that are
    /// gone receive <c>stopped</c>.
    /// </summary>
    public Task SetTrackersAsync(IReadOnlyList<IReadOnlyList<string>> tiers) =>
        RunAsync(() => core.EditTrackersAsync(_ => [.. tiers.Select(tier => tier.ToArray())]));

    /// <summary>
    /// Adds the trackers of a duplicate. Those of a private torrent stay as they are, as it asks nobody but its own.
    /// </summary>
    internal Task MergeTrackersAsync(IReadOnlyList<IReadOnlyList<string>> tiers) =>
        RunAsync(() =>
            core.EditTrackersAsync(known =>
                core.Identity.Metainfo?.Info.IsPrivate == true ? known : TrackerTiers.Merge(known, tiers)
            )
        );

    /// <summary>Offers each peer one piece at a time (BEP 16), or all pieces.</summary>
    public Task SetSuperSeedAsync(bool superSeed) =>
        RunAsync(async () =>
        {
            await core.ChangeAsync(settings => settings with { SuperSeed = superSeed });
            (core.Lifecycle.Phase as TransferPhase)?.SetSuperSeed(superSeed);
        });

    /// <summary>Limits the torrent's rates, in bytes per second; 0: only the session's limits hold.</summary>
    public Task SetLimitsAsync(long maxDownload, long maxUpload) =>
        RunAsync(async () =>
        {
            await core.ChangeAsync(settings =>
                settings with
                {
                    MaxDownloadBytesPerSecond = Math.Max(0, maxDownload),
                    MaxUploadBytesPerSecond = Math.Max(0, maxUpload),
                }
            );
            core.Lifecycle.Swarm?.Connections.Limits.SetLimits(Math.Max(0, maxDownload), Math.Max(0, maxUpload));
        });

    /// <summary>Sets when the torrent stops seeding; null: the session's goals.</summary>
    public Task SetGoalsAsync(SeedGoals? goals) =>
        RunAsync(() => core.ChangeAsync(settings => settings with { Goals = goals }));

    /// <summary>
    /// Moves the data to another folder, and keeps it there. Progress is in <see cref="TorrentStatus.MovedBytes"/>. A
    /// move that fails or is stopped is undone; one that a crash interrupts goes on at the next start.
    /// </summary>
    /// <param name="folder">The absolute folder that will contain the torrent's file or folder.</param>
    /// <exception cref="EngineException">Something is at the new place already, or the files are not known.</exception>
    /// <exception cref="World.DiskException">The disk failed. All files are at the old place.</exception>
    public Task MoveAsync(string folder) =>
        RunAsync(() =>
            core.Data.RelocateAsync(
                (layout, _) => LayoutEditor.Move(layout, folder),
                settings => settings with { Folder = folder, DataPath = null }
            )
        );

    /// <summary>Renames the torrent's own file or folder on disk.</summary>
    /// <exception cref="EngineException">The name is not possible, or is taken.</exception>
    public Task RenameRootAsync(string name) =>
        RunAsync(() => core.Data.RelocateAsync((layout, _) => LayoutEditor.Rename(layout, name), settings => settings));

    /// <summary>Renames one file of a torrent with several.</summary>
    /// <param name="file">Its index among the files without padding.</param>
    /// <param name="path">The path below the torrent's folder, with <c>/</c> between its parts.</param>
    /// <exception cref="EngineException">There is no such file, or the path is not possible or is taken.</exception>
    public Task RenameFileAsync(int file, string path) =>
        RunAsync(() =>
            core.Data.RelocateAsync(
                (layout, info) =>
                    file >= 0 && file < info.ContentFiles.Count
                        ? LayoutEditor.RenameFile(layout, info, info.ContentFiles[file], path)
                        : throw new EngineException($"The torrent has the files 0 to {info.ContentFiles.Count - 1}."),
                settings => settings
            )
        );

    /// <summary>Sets the name to show; null: the torrent's own.</summary>
    public Task RenameAsync(string? name) =>
        RunAsync(() => core.ChangeAsync(settings => settings with { Name = name }));

    /// <summary>Sets the place in the session's queue; lower is first.</summary>
    public Task SetQueuePositionAsync(long position) =>
        RunAsync(async () =>
        {
            await core.ChangeAsync(settings => settings with { QueuePosition = position });
            core.Shared.QueueChanged();
        });

    /// <summary>Opens a file to read it while it downloads.</summary>
    /// <param name="file">Its index among the files without padding.</param>
    /// <exception cref="EngineException">The metadata is not known, or there is no such file.</exception>
    public async Task<TorrentFileStream> OpenReadAsync(int file)
    {
        var known = (await GetMetainfoAsync())?.Info.ContentFiles;
        if (known is null)
        {
            throw new EngineException("The files of the torrent are not known yet.");
        }
        if (file < 0 || file >= known.Count)
        {
            throw new EngineException($"The torrent has the files 0 to {known.Count - 1}.");
        }
        return new TorrentFileStream(core, known[file]);
    }

    /// <summary>The totals since the torrent was added.</summary>
    public Task<TorrentTotals> GetTotalsAsync() => QueryAsync(() => Task.FromResult(core.Totals));

    /// <summary>The settings as they are saved.</summary>
    public Task<TorrentSettings> GetSettingsAsync() => QueryAsync(() => Task.FromResult(core.Settings));

    /// <summary>The metainfo, loaded from the store if necessary; null while it is not known.</summary>
    public Task<TorrentMetainfo?> GetMetainfoAsync() => QueryAsync(core.ReadMetainfoAsync);

    /// <summary>Counts a reader that wants details kept up to date.</summary>
    internal void Watch(TorrentSlices slices, int change)
    {
        Interlocked.Add(ref watchedFiles, slices.HasFlag(TorrentSlices.Files) ? change : 0);
        Interlocked.Add(ref watchedPeers, slices.HasFlag(TorrentSlices.Peers) ? change : 0);
    }

    internal bool IsWatched(TorrentSlices slice) =>
        Volatile.Read(ref slice == TorrentSlices.Files ? ref watchedFiles : ref watchedPeers) > 0;

    private Task RunAsync(Func<Task> command) => core.Loop.RunAsync(() => core.Lifecycle.RunAsync(command));

    private Task<T> QueryAsync<T>(Func<Task<T>> query) => World.LoopExtensions.RunAsync(core.Loop, query);
}
