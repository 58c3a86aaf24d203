using Anatomic.Engine.Connections;
using Anatomic.Engine.Hashing;
using Anatomic.Engine.Settings;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>
/// The state machine of a torrent. <see cref="TransitionTable"/> says which state may follow which. Commands that
/// change the state run one after the other.
/// </summary>
internal sealed class TorrentLifecycle(TorrentCore core, CancellationToken sessionStop)
{
    private readonly CommandGate gate = new();
    private readonly Completion completion = new();
    private TorrentRun? run;
    private bool isAdmitted;
    private bool isGoalReached;
    private int retries;

    public TorrentPhase Phase { get; private set; } = new RestPhase(TorrentState.Stopped);
    public TorrentSwarm? Swarm => run?.Swarm;
    public TorrentRun? Run => run;
    public Task Completed => completion.Task;

    /// <summary>
    /// Missing files are a fault, because they were there before: their disk may be unmounted. False for a new torrent
    /// and after the user asked for a check.
    /// </summary>
    public bool IsDataExpected { get; set; }

    private SharedResources Shared => core.Shared;
    private bool IsTransferring => Phase is MetadataPhase or TransferPhase;
    private bool MayRun => isAdmitted || core.Settings.Mode == RunMode.Forced || Shared.Options.Queue.IsUnlimited;

    /// <summary>Runs a command after all earlier ones.</summary>
    public Task RunAsync(Func<Task> command) => gate.RunAsync(command);

    /// <summary>Does what is due, and returns when it must be called again; null: only after a wake-up.</summary>
    public DateTimeOffset? Visit(DateTimeOffset now)
    {
        if (Phase is FaultPhase { RetryAt: { } retryAt })
        {
            if (now < retryAt)
            {
                return retryAt;
            }
            _ = gate.RunAsync(RetryAsync);
            return null;
        }
        if (run is not { } running)
        {
            return null;
        }
        if (Phase is MetadataPhase or TransferPhase or IdlePhase)
        {
            Tick(running, now);
        }
        return Phase is IdlePhase ? running.Announcer.NextDue : now + EngineLimits.TickInterval;
    }

    /// <summary>Starts the torrent as soon as the queue admits it; a command.</summary>
    public async Task StartAsync(RunMode mode)
    {
        if (core.Settings.Mode != mode)
        {
            await core.ChangeAsync(settings => settings with { Mode = mode });
        }
        retries = 0;
        isGoalReached = false;
        await ResumeAsync();
        Shared.QueueChanged();
    }

    /// <summary>Starts a torrent that the session kept; returns once its data was checked.</summary>
    public async Task StartSavedAsync()
    {
        IsDataExpected = true;
        await gate.RunAsync(ResumeAsync);
        await ((Phase as CheckPhase)?.Work ?? Task.CompletedTask);
    }

    /// <summary>Stops the torrent; a command.</summary>
    /// <param name="kind">What is published.</param>
    /// <param name="reason">Why, for the user.</param>
    public async Task StopAsync(TorrentEventKind kind, string reason)
    {
        if (core.Settings.Mode != RunMode.Stopped)
        {
            await core.ChangeAsync(settings => settings with { Mode = RunMode.Stopped });
        }
        await RestAsync(TorrentState.Stopped, kind, reason);
        Shared.QueueChanged();
    }

    /// <summary>Stops everything because the session ends. The settings stay as they are.</summary>
    public Task ShutDownAsync()
    {
        core.Data.Cancel();
        return gate.RunAsync(() =>
            RestAsync(TorrentState.Stopped, TorrentEventKind.StateChanged, "the session ended")
        );
    }

    /// <summary>Tells the torrent whether the queue lets it run.</summary>
    public void SetAdmitted(bool admitted)
    {
        if (admitted != isAdmitted)
        {
            isAdmitted = admitted;
            _ = gate.RunAsync(() => MayRun ? ResumeAsync() : QueueAsync());
        }
    }

    /// <summary>What takes incoming connections, after an idle torrent was woken; null when nothing does.</summary>
    public async Task<IAcceptingTorrent?> GetAcceptingAsync()
    {
        if (Phase is IdlePhase)
        {
            await gate.RunAsync(WakeAsync);
            await ((Phase as CheckPhase)?.Work ?? Task.CompletedTask);
        }
        return IsTransferring ? Swarm?.Connections : null;
    }

    /// <summary>Compares all data with the hashes again; a command.</summary>
    public async Task RecheckAsync()
    {
        if (Shared.Resume is { } resume)
        {
            await resume.ForgetPiecesAsync(core.Identity.SwarmIds.First(), sessionStop);
        }
        IsDataExpected = false;
        retries = 0;
        if (Phase is RestPhase or FaultPhase)
        {
            await ResumeAsync();
        }
        else if (Phase is not MetadataPhase)
        {
            await ReopenAsync();
        }
    }

    /// <summary>Wakes an idle torrent, and waits for a running check; for commands that need the data.</summary>
    public async Task WakeAndCheckAsync()
    {
        await WakeAsync();
        await ((Phase as CheckPhase)?.Work ?? Task.CompletedTask);
    }

    /// <summary>Applies changed settings of files; a command.</summary>
    /// <param name="before">The settings until now.</param>
    public async Task ApplySelectionAsync(TorrentSettings before)
    {
        await WakeAsync();
        // The transfer that follows a check reads the settings itself.
        if (Phase is TransferPhase transfer)
        {
            await transfer.SelectAsync(core.Settings, before);
        }
    }

    /// <summary>Reads from the piece space once the data is there; see <see cref="TransferPhase.ReadAsync"/>.</summary>
    public async Task<int> ReadAsync(long offset, Memory<byte> into, CancellationToken stop)
    {
        await gate.RunAsync(WakeAsync);
        await ((Phase as CheckPhase)?.Work ?? Task.CompletedTask);
        return Phase is TransferPhase transfer
            ? await transfer.ReadAsync(offset, into, stop)
            : throw new EngineException("the torrent does not run");
    }

    /// <summary>Ends the torrent's work with a failure, whose reason is shown to the user.</summary>
    /// <param name="isLasting">It does not end by itself, so the torrent does not try again.</param>
    public void Fail(string reason, bool isLasting = false)
    {
        if (Phase is RestPhase or FaultPhase)
        {
            return;
        }
        var pause = EngineLimits.FaultRetryInterval * (1 << Math.Min(retries++, 4));
        var leaving = Become(new FaultPhase(reason, isLasting ? null : Shared.Now + pause), reason: reason);
        completion.Fail(reason);
        _ = gate.RunAsync(() => EndRunAsync(leaving));
    }

    /// <summary>Replaces the phase and returns the one before, which the caller closes.</summary>
    private TorrentPhase Become(
        TorrentPhase next,
        TorrentEventKind kind = TorrentEventKind.StateChanged,
        string reason = ""
    )
    {
        Invariant.Holds(TransitionTable.Allows(Phase.State, next.State));
        var leaving = Phase;
        Phase = next;
        core.Publisher.Publish(kind, reason);
        Shared.Wake(core);
        return leaving;
    }

    /// <summary>Starts to run if the user wants it and the queue permits it.</summary>
    private async Task ResumeAsync()
    {
        if (Phase is not (RestPhase or FaultPhase) || core.Settings.Mode == RunMode.Stopped)
        {
            return;
        }
        if (!MayRun)
        {
            await QueueAsync();
            return;
        }
        completion.Renew();
        try
        {
            await core.LoadMetainfoAsync(sessionStop);
            run = TorrentRun.Open(core, PeerFound, sessionStop);
            OpenSwarm(run);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Become(new FaultPhase(failure.Message, retryAt: null), reason: failure.Message);
        }
    }

    private Task QueueAsync() =>
        core.Settings.Mode == RunMode.Stopped
            ? Task.CompletedTask
            : RestAsync(TorrentState.Queued, TorrentEventKind.StateChanged, "the queue is full");

    private Task RetryAsync()
    {
        IsDataExpected = true;
        return Phase is FaultPhase ? ResumeAsync() : Task.CompletedTask;
    }

    private async Task RestAsync(TorrentState state, TorrentEventKind kind, string reason)
    {
        if (Phase.State == state)
        {
            return;
        }
        var leaving = Become(new RestPhase(state), kind, reason);
        completion.Cancel();
        await EndRunAsync(leaving);
    }

    /// <summary>An idle torrent has something to do again.</summary>
    private void PeerFound() => _ = Phase is IdlePhase ? gate.RunAsync(WakeAsync) : null;

    private void OpenSwarm(TorrentRun running)
    {
        var swarm = new TorrentSwarm(Shared, core.Loop, core.Identity, running.Addresses, running.Stop)
        {
            MetadataCompleted = MetadataCompleted,
            PieceLayersCompleted = PieceLayersCompleted,
            Failed = reason => Fail(reason),
            IsAccepting = () => IsTransferring,
        };
        swarm.Connections.Limits.SetLimits(
            core.Settings.MaxDownloadBytesPerSecond,
            core.Settings.MaxUploadBytesPerSecond
        );
        running.Swarm = swarm;
        if (swarm.CanCheck)
        {
            StartCheck(swarm);
        }
        else
        {
            Become(new MetadataPhase());
        }
    }

    private void MetadataCompleted(TorrentInfo info)
    {
        var magnet = core.Identity.Magnet!;
        var tiers = magnet.Trackers.Select(url => new[] { url });
        var edit = new MetainfoEdit { AnnounceTiers = [.. tiers], WebSeeds = magnet.WebSeeds };
        var metainfo = TorrentMetainfo.FromInfo(info, edit);
        Swarm!.SetMetainfo(metainfo);
        _ = gate.RunAsync(() => MetadataKnownAsync(metainfo));
    }

    private async Task MetadataKnownAsync(TorrentMetainfo metainfo)
    {
        if (Phase is not MetadataPhase)
        {
            return;
        }
        await core.SetMetainfoAsync(metainfo);
        if (FileSelection.Resolve(core.Settings, metainfo.Info, core.Identity.Magnet, out var settings) is { } fault)
        {
            Fail(fault, isLasting: true);
            return;
        }
        await core.ChangeAsync(_ => settings);
        core.Publisher.Publish(TorrentEventKind.MetadataKnown, "");
        run!.MetadataKnown(metainfo.Info);
        if (settings.StopAtMetadata)
        {
            await core.ChangeAsync(changed => changed with { StopAtMetadata = false });
            await StopAsync(TorrentEventKind.StateChanged, "the metadata is known");
        }
        else if (Phase is MetadataPhase && Swarm is { CanCheck: true } swarm)
        {
            StartCheck(swarm);
        }
    }

    private void PieceLayersCompleted(TorrentMetainfo metainfo)
    {
        _ = gate.RunAsync(async () =>
        {
            await core.SetMetainfoAsync(metainfo);
            if (Swarm is not { } swarm)
            {
                return;
            }
            if (Phase is MetadataPhase)
            {
                StartCheck(swarm);
            }
            else if (swarm.Context.Verifier is not null)
            {
                swarm.Context.Verifier = new PieceVerifier(metainfo, Shared.World.Workers);
            }
        });
    }

    private void StartCheck(TorrentSwarm swarm)
    {
        var check = new CheckPhase(swarm.Context, swarm.Context.Metainfo!)
        {
            Succeeded = (checkedPhase, data, opened) => StartTransfer(checkedPhase, swarm, data, opened.Have),
            Failed = (failedPhase, reason) => FailIn(failedPhase, reason),
        };
        Become(check);
        check.Start(core.Settings, IsDataExpected);
    }

    private void FailIn(TorrentPhase failed, string reason)
    {
        if (Phase == failed)
        {
            Fail(reason);
        }
    }

    private bool StartTransfer(CheckPhase check, TorrentSwarm swarm, TorrentData data, PieceSet have)
    {
        if (Phase != check || swarm.Context.Stop.IsCancellationRequested)
        {
            return false;
        }
        IsDataExpected = true;
        swarm.Context.Storage = data.Storage;
        swarm.Context.Verifier = data.Verifier;
        swarm.Context.HavePieces = have;
        var transfer = new TransferPhase(swarm.Context, data, swarm.Messages, core.Settings)
        {
            Failed = reason => Fail(reason),
            DirectionChanged = DirectionChanged,
            Completed = () => _ = gate.RunAsync(CompletedAsync),
            BadSourceFound = BanAddress,
        };
        transfer.Prepare(core.Settings);
        swarm.Connections.IsSeeding = transfer.State == TorrentState.Seeding;
        run!.LastUpload = Shared.Now;
        Become(transfer);
        transfer.Start();
        Shared.QueueChanged();
        return true;
    }

    private void DirectionChanged(bool hasFinished)
    {
        var swarm = Swarm!;
        swarm.Connections.IsSeeding = Phase.State == TorrentState.Seeding;
        run!.LastUpload = Shared.Now;
        if (hasFinished)
        {
            run.Announcer.Finished(Shared.Now);
        }
        core.Publisher.Publish(TorrentEventKind.StateChanged, "");
        Shared.QueueChanged();
    }

    private async Task CompletedAsync()
    {
        if (Phase is not TransferPhase transfer || transfer.State != TorrentState.Seeding)
        {
            return;
        }
        if (!core.Settings.SeedOnly)
        {
            await transfer.Data.Storage.SetExecutableAsync(sessionStop);
        }
        if (core.Settings.CompletedAt is null)
        {
            await core.ChangeAsync(settings => settings with { CompletedAt = Shared.World.Clock.GetUtcNow() });
            core.Publisher.Publish(TorrentEventKind.Completed, "");
        }
        core.Publisher.Publish();
        completion.Succeed();
    }

    private void BanAddress(Endpoint address, string reason)
    {
        if (Swarm is { } swarm)
        {
            swarm.Connections.Ban(address, reason);
            core.Publisher.Publish(TorrentEventKind.PeerBanned, $"{address}: {reason}");
        }
    }

    private void Tick(TorrentRun running, DateTimeOffset now)
    {
        running.Tick(Phase, now);
        if (!isGoalReached && SeedingRules.GoalReached(core, running, now) is { } reason)
        {
            isGoalReached = true;
            _ = gate.RunAsync(() => StopAsync(TorrentEventKind.GoalReached, reason));
        }
        if (SeedingRules.CanGoIdle(core, running, now))
        {
            _ = gate.RunAsync(GoIdleAsync);
        }
    }

    private async Task GoIdleAsync()
    {
        if (run is { } running && SeedingRules.CanGoIdle(core, running, Shared.Now))
        {
            var leaving = Become(new IdlePhase());
            await CloseSwarmAsync(running);
            await leaving.CloseAsync();
            core.UnloadMetainfo();
        }
    }

    /// <summary>Loads what an idle torrent has unloaded, and compares its files with the resume data.</summary>
    private async Task WakeAsync()
    {
        if (Phase is not IdlePhase)
        {
            return;
        }
        try
        {
            await core.LoadMetainfoAsync(sessionStop);
            OpenSwarm(run!);
        }
        catch (Exception failure) when (failure is EngineException or DiskException)
        {
            Fail(failure.Message);
        }
    }

    /// <summary>Closes the peers and the data, and checks the data again. The trackers notice nothing.</summary>
    private async Task ReopenAsync()
    {
        var leaving = Phase;
        await CloseSwarmAsync(run!);
        await leaving.CloseAsync();
        await core.LoadMetainfoAsync(sessionStop);
        if (Phase == leaving)
        {
            OpenSwarm(run!);
        }
    }

    private async Task CloseSwarmAsync(TorrentRun running)
    {
        if (running.Swarm is { } swarm)
        {
            swarm.Cancel();
            await swarm.CloseAsync();
            core.AddTotals(swarm.Context);
            running.Swarm = null;
        }
    }

    /// <summary>Ends everything that exists while the torrent runs, and saves the torrent.</summary>
    private async Task EndRunAsync(TorrentPhase leaving)
    {
        if (run is { } ending)
        {
            ending.Cancel();
            var stopped = ending.Announcer.StopAsync();
            await CloseSwarmAsync(ending);
            await leaving.CloseAsync();
            await stopped;
            ending.Dispose();
            run = null;
        }
        await core.SaveAsync(metainfo: null);
    }
}
