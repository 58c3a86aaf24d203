using Anatomic.Engine.Saving;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Trackers;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>
/// A torrent of the session: its identity, settings and totals, and what its state machine, the
/// <see cref="TorrentLifecycle"/>, publishes. Everything runs on the torrent's loop.
/// </summary>
internal sealed class TorrentCore
{
    private readonly ActivityTimes times = new();
    private readonly TorrentTotals savedTotals;
    private TorrentTotals endedTotals = new();
    private DateTimeOffset lastSave;
    private long bytesAtSave;

    public TorrentCore(
        SharedResources shared,
        ILoop loop,
        SavedTorrent saved,
        TorrentIdentity identity,
        ITrackerSource? trackerSource,
        CancellationToken sessionStop
    )
    {
        Shared = shared;
        Loop = loop;
        Identity = identity;
        Settings = saved.Settings;
        TrackerSource = trackerSource;
        savedTotals = saved.Totals;
        Progress = new ByteProgress(saved.DoneBytes, saved.WantedBytes);
        Id = shared.NextTorrentId();
        Lifecycle = new TorrentLifecycle(this, sessionStop);
        Publisher = new TorrentPublisher(this);
        Data = new DataCommands(this);
    }

    /// <summary>Unique in the session, from 1, in the order of adding.</summary>
    public int Id { get; }
    public SharedResources Shared { get; }
    public ILoop Loop { get; }
    public TorrentLifecycle Lifecycle { get; }
    public TorrentPublisher Publisher { get; }
    public DataCommands Data { get; }
    public Torrent Handle => Publisher.Handle;
    public ITrackerSource? TrackerSource { get; private set; }
    public TorrentIdentity Identity { get; private set; }
    public TorrentSettings Settings { get; private set; }

    /// <summary>Verified and wanted bytes, as last known.</summary>
    public ByteProgress Progress { get; set; }

    /// <summary>Bytes of all pieces that we lack, also of unwanted ones; null while they are not known.</summary>
    public long? MissingBytes { get; set; }

    /// <summary>Announce URLs in tiers (BEP 12).</summary>
    public IReadOnlyList<IReadOnlyList<string>> TrackerTiers =>
        Settings.Trackers
        ?? Identity.Metainfo?.AnnounceTiers
        ?? [.. (Identity.Magnet?.Trackers ?? []).Select(url => new[] { url })];

    /// <summary>The totals since the torrent was added.</summary>
    public TorrentTotals Totals
    {
        get
        {
            var swarm = Lifecycle.Swarm?.Context;
            return new TorrentTotals
            {
                DownloadedBytes = savedTotals.DownloadedBytes + endedTotals.DownloadedBytes + (swarm?.Down.Total ?? 0),
                UploadedBytes = savedTotals.UploadedBytes + endedTotals.UploadedBytes + (swarm?.Up.Total ?? 0),
                ActiveTime = savedTotals.ActiveTime + times.Active,
                SeedingTime = savedTotals.SeedingTime + times.Seeding,
            };
        }
    }

    /// <summary>Does what is due, and returns when it must be called again; null: only after a wake-up.</summary>
    public DateTimeOffset? Visit(DateTimeOffset now)
    {
        times.Advance(now, Lifecycle.Phase.State);
        var next = Lifecycle.Visit(now);
        Publisher.Publish();
        if (IsSaveDue(now))
        {
            _ = Lifecycle.RunAsync(() => SaveAsync(metainfo: null));
        }
        return next;
    }

    /// <summary>Saves a torrent that was added, and starts it unless it is paused; a command.</summary>
    /// <param name="metainfo">Null when it was added by a magnet link.</param>
    public async Task StartAddedAsync(TorrentMetainfo? metainfo)
    {
        await SaveAsync(metainfo);
        if (Settings.Mode != RunMode.Stopped)
        {
            await Lifecycle.StartAsync(Settings.Mode);
        }
    }

    /// <summary>Replaces the settings and saves them durably.</summary>
    public async Task ChangeAsync(Func<TorrentSettings, TorrentSettings> change)
    {
        Settings = change(Settings);
        await SaveAsync(metainfo: null);
        Publisher.Publish();
    }

    /// <summary>Replaces the announce URLs, and tells the running announcer.</summary>
    public async Task EditTrackersAsync(
        Func<IReadOnlyList<IReadOnlyList<string>>, IReadOnlyList<IReadOnlyList<string>>> edit
    )
    {
        await LoadMetainfoAsync(CancellationToken.None);
        var tiers = edit(TrackerTiers);
        await ChangeAsync(settings => settings with { Trackers = tiers });
        Lifecycle.Run?.Announcer.Replace(tiers);
        Shared.Wake(this);
    }

    /// <summary>
    /// The record with changed settings, to be saved together with something else; null when nothing is kept.
    /// </summary>
    public StoreBatch? BatchWith(Func<TorrentSettings, TorrentSettings> change) =>
        Shared.Store is null ? null : SessionStore.BatchOf(ToSaved() with { Settings = change(Settings) });

    /// <summary>Takes over settings that are saved already.</summary>
    public void Adopt(Func<TorrentSettings, TorrentSettings> change)
    {
        Settings = change(Settings);
        Publisher.Publish();
    }

    /// <summary>Counts the time of the present state, before it changes.</summary>
    public void AdvanceTimes() => times.Advance(Shared.Now, Lifecycle.Phase.State);

    /// <summary>Sets the metainfo that was downloaded with the settings that follow from it, and saves both.</summary>
    public Task SetMetainfoAsync(TorrentMetainfo metainfo, TorrentSettings settings)
    {
        Settings = settings;
        Identity = Identity.With(metainfo);
        Publisher.MetainfoChanged();
        Shared.IdentityChanged(this);
        return SaveAsync(metainfo);
    }

    /// <summary>Loads the metainfo from the store if it is not in memory.</summary>
    /// <exception cref="EngineException">The store has lost it.</exception>
    public async Task LoadMetainfoAsync(CancellationToken stop)
    {
        if (Identity.Metainfo is not null || Shared.Store is not { } store)
        {
            return;
        }
        if (await store.LoadMetainfoAsync(Identity.Key, stop) is { } metainfo)
        {
            Identity = Identity.With(metainfo);
            TrackerSource ??= Shared.Options.CreateTrackerSource?.Invoke(metainfo);
            Publisher.MetainfoChanged();
        }
        else if (Identity.Magnet is null)
        {
            throw new EngineException("The saved .torrent file is damaged: add the torrent again.");
        }
    }

    /// <summary>The metainfo, without keeping it in memory; null while it is not known.</summary>
    public async Task<TorrentMetainfo?> ReadMetainfoAsync() =>
        Identity.Metainfo
        ?? (Shared.Store is { } store ? await store.LoadMetainfoAsync(Identity.Key, CancellationToken.None) : null);

    /// <summary>Drops the metainfo from memory; it stays in the store.</summary>
    public void UnloadMetainfo()
    {
        Identity = Identity with { Metainfo = null };
        Publisher.MetainfoChanged();
    }

    /// <summary>Adds the totals of a swarm that ends.</summary>
    public void AddTotals(TorrentContext swarm) =>
        endedTotals = endedTotals with
        {
            DownloadedBytes = endedTotals.DownloadedBytes + swarm.Down.Total,
            UploadedBytes = endedTotals.UploadedBytes + swarm.Up.Total,
        };

    /// <summary>Saves the torrent's record, and its metainfo unless that is null.</summary>
    public async Task SaveAsync(TorrentMetainfo? metainfo)
    {
        lastSave = Shared.Now;
        bytesAtSave = Totals.DownloadedBytes + Totals.UploadedBytes;
        if (Shared.Store is { } store)
        {
            await store.SaveAsync(ToSaved(), metainfo, CancellationToken.None);
        }
    }

    private bool IsSaveDue(DateTimeOffset now)
    {
        if (Shared.Store is null)
        {
            return false;
        }
        var sinceSave = now - lastSave;
        return sinceSave > EngineLimits.IdleSaveInterval
            || (
                sinceSave > EngineLimits.TotalsSaveInterval
                && bytesAtSave != Totals.DownloadedBytes + Totals.UploadedBytes
            );
    }

    private SavedTorrent ToSaved() =>
        new()
        {
            Key = Identity.Key,
            HashV1 = Identity.HashV1,
            HashV2 = Identity.HashV2,
            Name = Identity.Name,
            Settings = Settings,
            Totals = Totals,
            DoneBytes = Progress.Done,
            WantedBytes = Progress.Total,
        };
}
