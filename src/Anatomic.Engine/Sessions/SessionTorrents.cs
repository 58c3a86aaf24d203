using System.Collections.Immutable;
using Anatomic.Engine.Connections;
using Anatomic.Engine.Queueing;
using Anatomic.Engine.Resume;
using Anatomic.Engine.Saving;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Torrents;
using Anatomic.Engine.Trackers;
using Anatomic.Wire;
using Anatomic.Wire.Magnets;
using Anatomic.World;

namespace Anatomic.Engine.Sessions;

/// <summary>The torrents of a session: adds, keeps, queues and removes them. Owned by the session's loop.</summary>
internal sealed class SessionTorrents(ILoop loop, CancellationToken stop) : ITorrentDirectory
{
    private readonly ChangeStream changes = new();
    private readonly Dictionary<Hash20, TorrentCore> bySwarm = [];
    private readonly Dictionary<Torrent, TorrentCore> byHandle = [];
    private readonly Dictionary<ILoop, LoopDriver> drivers = [];
    private readonly Dictionary<TorrentCore, DateTimeOffset> slowSince = [];
    private readonly HashSet<TorrentCore> removing = [];
    private SharedResources shared = null!;
    private TorrentTotals removedTotals = new();
    private bool isQueueDecisionPosted;
    private IReadOnlyList<AddressBan> savedBans = [];
    private long savedBanVersion;
    private bool isClosed;
    private int nextLoop;

    /// <summary>All torrents in the order of adding; may be read from any thread.</summary>
    public ImmutableList<Torrent> All { get; private set; } = [];

    /// <summary>Creates what the torrents share.</summary>
    public SharedResources Share(IWorld world, SessionOptions options, Hash20 peerId, IStore? store)
    {
        shared = new SharedResources(world, options, peerId)
        {
            Resume = store is null ? null : new ResumeStore(store, world.Clock),
            Store = store is not null && options.KeepTorrents ? new SessionStore(store) : null,
            Wake = torrent => drivers[torrent.Loop].Wake(torrent),
            QueueChanged = QueueChanged,
            IdentityChanged = torrent => loop.Post(() => Register(torrent)),
            Changed = (torrent, slices, happened) => loop.Post(() => changes.Publish(torrent, slices, happened)),
        };
        foreach (var each in world.Loops.All)
        {
            drivers.Add(each, new LoopDriver(each, shared, stop));
        }
        return shared;
    }

    public async Task<IAcceptingTorrent?> FindAsync(Hash20 infoHash) =>
        bySwarm.TryGetValue(infoHash, out var core)
            ? await LoopExtensions.RunAsync(core.Loop, core.Lifecycle.GetAcceptingAsync)
            : null;

    /// <summary>Loads the kept torrents, and starts those that ran.</summary>
    public async Task RestoreAsync()
    {
        if (shared.Store is not { } store)
        {
            return;
        }
        removedTotals = await store.LoadTotalsAsync(stop);
        savedBans = await store.LoadBansAsync(stop);
        shared.Bans.Import(savedBans, shared.Now);
        savedBanVersion = shared.Bans.Version;
        var saved = await store.ListAsync(ReportDamaged, stop);
        var cores = new List<TorrentCore>();
        foreach (var record in saved.OrderBy(record => record.Settings.AddedAt).ThenBy(record => record.Key))
        {
            var magnet =
                record.Settings.Magnet is { } link && MagnetLink.TryParse(link, out var parsed, out _) ? parsed : null;
            var identity = new TorrentIdentity
            {
                Key = record.Key,
                HashV1 = record.HashV1,
                HashV2 = record.HashV2,
                Magnet = magnet,
                Name = record.Name,
            };
            cores.Add(Create(record, identity, source: null));
        }
        _ = StartSavedAsync(new Queue<TorrentCore>(cores));
    }

    /// <summary>Adds a torrent, saves it, and starts it unless it is added paused.</summary>
    public async Task<Torrent> AddAsync(AddTorrent add)
    {
        if (isClosed)
        {
            throw new EngineException("The session has ended.");
        }
        var identity = add.Metainfo is { } metainfo ? TorrentIdentity.Of(metainfo) : TorrentIdentity.Of(add.Magnet!);
        foreach (var swarm in identity.SwarmIds)
        {
            if (!bySwarm.TryGetValue(swarm, out var existing))
            {
                continue;
            }
            if (shared.Store is null && existing.Handle.Status.State is TorrentState.Stopped or TorrentState.Faulted)
            {
                await RemoveAsync(existing.Handle, deleteData: false);
            }
            else if (add.MergeDuplicate)
            {
                await existing.Handle.MergeTrackersAsync(add.AllTiers());
                return existing.Handle;
            }
            else
            {
                throw new EngineException($"The session already has the torrent {swarm}.");
            }
        }
        var now = shared.World.Clock.GetUtcNow();
        var record = new SavedTorrent
        {
            Key = identity.Key,
            HashV1 = identity.HashV1,
            HashV2 = identity.HashV2,
            Name = identity.Name,
            Settings = add.ToSettings(now) with { QueuePosition = byHandle.Count },
            Totals = new TorrentTotals(),
        };
        var core = Create(record, identity, add.TrackerSource);
        core.Lifecycle.SkipsCheck = add.SkipCheck;
        try
        {
            await core.Loop.RunAsync(() => core.Lifecycle.RunAsync(() => core.StartAddedAsync(add.Metainfo)));
        }
        catch
        {
            Forget(core);
            throw;
        }
        return core.Handle;
    }

    /// <summary>Stops a torrent and forgets it, with its data if wanted.</summary>
    public async Task RemoveAsync(Torrent torrent, bool deleteData)
    {
        if (!byHandle.TryGetValue(torrent, out var core))
        {
            throw new EngineException("The session does not have this torrent.");
        }
        if (!removing.Add(core))
        {
            throw new EngineException("The torrent is being removed.");
        }
        try
        {
            await RemoveAsync(core, deleteData);
        }
        finally
        {
            removing.Remove(core);
        }
    }

    private async Task RemoveAsync(TorrentCore core, bool deleteData)
    {
        await core.Loop.RunAsync(core.Lifecycle.RemoveAsync);
        if (deleteData)
        {
            await core.Loop.RunAsync(core.Data.DeleteAsync);
        }
        core.Loop.Post(() => drivers[core.Loop].Remove(core));
        var totals = await core.Handle.GetTotalsAsync();
        removedTotals = removedTotals.Plus(totals);
        if (shared.Resume is { } resume)
        {
            await resume.DeleteAsync(core.Identity.SwarmIds.First(), stop);
        }
        if (shared.Store is { } store)
        {
            await store.SaveTotalsAsync(removedTotals, stop);
            await store.RemoveAsync(core.Identity.Key, stop);
        }
        Forget(core);
    }

    private void Forget(TorrentCore core)
    {
        byHandle.Remove(core.Handle);
        slowSince.Remove(core);
        All = All.Remove(core.Handle);
        foreach (var swarm in core.Identity.SwarmIds.Where(swarm => bySwarm.GetValueOrDefault(swarm) == core))
        {
            bySwarm.Remove(swarm);
        }
        changes.Remove(core.Handle);
        QueueChanged();
    }

    public ChangeReader Watch(TorrentSlices slices, long after)
    {
        var reader = new ChangeReader(loop, changes, slices);
        changes.Add(reader, All, after);
        return reader;
    }

    /// <summary>The totals of all torrents, removed ones included.</summary>
    public async Task<TorrentTotals> GetTotalsAsync()
    {
        var sum = removedTotals;
        foreach (var torrent in All)
        {
            sum = sum.Plus(await torrent.GetTotalsAsync());
        }
        return sum;
    }

    /// <summary>Stops all torrents; their settings stay as they are.</summary>
    public async Task CloseAsync()
    {
        isClosed = true;
        var ends = byHandle.Values.Select(core => core.Loop.RunAsync(core.Lifecycle.ShutDownAsync)).ToArray();
        await SaveBansAsync(CancellationToken.None);
        await Task.WhenAll(ends);
    }

    /// <summary>Saves changed bans, and looks whether torrents have become slow, until the session ends.</summary>
    public async Task MaintainAsync()
    {
        try
        {
            while (!isClosed)
            {
                await Task.Delay(EngineLimits.MaintenanceInterval, shared.World.Clock, stop);
                await SaveBansAsync(stop);
                QueueChanged();
            }
        }
        catch (OperationCanceledException)
        {
            // The session ends.
        }
    }

    private async Task SaveBansAsync(CancellationToken until)
    {
        if (shared.Store is not { } store || shared.Bans.Version == savedBanVersion)
        {
            return;
        }
        var version = shared.Bans.Version;
        var bans = shared.Bans.Export(shared.Now);
        try
        {
            await store.SaveBansAsync(savedBans, bans, until);
            (savedBans, savedBanVersion) = (bans, version);
        }
        catch (DiskException)
        {
            // They are saved with the next change, or at the next interval.
        }
    }

    private TorrentCore Create(SavedTorrent record, TorrentIdentity identity, ITrackerSource? source)
    {
        var chosen = shared.World.Loops.All[nextLoop++ % shared.World.Loops.All.Count];
        var core = new TorrentCore(shared, chosen, record, identity, source, stop);
        byHandle.Add(core.Handle, core);
        All = All.Add(core.Handle);
        Register(core);
        changes.Publish(core.Handle, TorrentSlices.All, happened: null);
        return core;
    }

    private void Register(TorrentCore core)
    {
        if (byHandle.ContainsKey(core.Handle))
        {
            foreach (var swarm in core.Identity.SwarmIds)
            {
                bySwarm.TryAdd(swarm, core);
            }
        }
    }

    /// <summary>Starts kept torrents, a few at a time.</summary>
    private async Task StartSavedAsync(Queue<TorrentCore> waiting)
    {
        await Task.WhenAll(
            Enumerable.Range(0, EngineLimits.MaxConcurrentStarts).Select(_ => StartNextAsync()).ToArray()
        );

        async Task StartNextAsync()
        {
            while (!stop.IsCancellationRequested && !isClosed && waiting.TryDequeue(out var core))
            {
                try
                {
                    await core.Loop.RunAsync(core.Lifecycle.StartSavedAsync);
                }
                catch (OperationCanceledException)
                {
                    // The session ends.
                }
            }
        }
    }

    private void ReportDamaged(byte[] key)
    {
        if (key.Length == Hash20.Length)
        {
            shared.World.EventLog.Write(
                EventLevel.Error,
                "torrent.record-damaged",
                EventField.Hash("torrent", new Hash20(key))
            );
        }
    }

    private void QueueChanged()
    {
        if (!shared.Options.Queue.IsUnlimited)
        {
            loop.Post(PostQueueDecision);
        }
    }

    private void PostQueueDecision()
    {
        if (!isQueueDecisionPosted && !isClosed)
        {
            isQueueDecisionPosted = true;
            // Several torrents that change together need one decision.
            loop.Post(DecideQueue);
        }
    }

    private void DecideQueue()
    {
        isQueueDecisionPosted = false;
        if (isClosed)
        {
            return;
        }
        var now = shared.Now;
        var entries = new List<QueueEntry>();
        foreach (var (torrent, core) in byHandle)
        {
            var status = torrent.Status;
            if (status.Mode != RunMode.Stopped && status.State != TorrentState.Faulted)
            {
                entries.Add(EntryOf(core, status, now));
            }
        }
        var admitted = TorrentQueue.Decide(shared.Options.Queue, entries);
        foreach (var core in byHandle.Values)
        {
            var mayRun = admitted.Contains(core.Id);
            core.Loop.Post(() => core.Lifecycle.SetAdmitted(mayRun));
        }
    }

    private QueueEntry EntryOf(TorrentCore core, TorrentStatus status, DateTimeOffset now)
    {
        var limits = shared.Options.Queue;
        var runs = status.State is TorrentState.Downloading or TorrentState.Seeding;
        if (!runs || status.DownloadRate + status.UploadRate >= limits.SlowBytesPerSecond)
        {
            slowSince.Remove(core);
        }
        else
        {
            slowSince.TryAdd(core, now);
        }
        var isSlow = slowSince.TryGetValue(core, out var since) && now - since >= limits.SlowAfter;
        return new QueueEntry(
            core.Id,
            status.QueuePosition,
            status.Mode == RunMode.Forced,
            status.CompletedAt is not null && status.State != TorrentState.Downloading,
            isSlow,
            status.State is not (TorrentState.Stopped or TorrentState.Queued)
        );
    }
}
