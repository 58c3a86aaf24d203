using Anatomic.Engine.Connections;
using Anatomic.Engine.Settings;
using Anatomic.Wire;
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
    private readonly MetadataSteps metadata = new(core);
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

    /// <summary>Files of the right length are trusted at the first check; false after the user asked for one.</summary>
    public bool SkipsCheck { get; set; }

    private SharedResources Shared => core.Shared;
    private Task RunningCheck => (Phase as CheckPhase)?.Work ?? Task.CompletedTask;
    private bool IsTransferring => Phase is MetadataPhase or TransferPhase;
    private bool MayRun => isAdmitted || core.Settings.Mode == RunMode.Forced || Shared.Options.Queue.IsUnlimited;

    /// <summary>Runs a command after all earlier ones.</summary>
    /// <exception cref="EngineException">The torrent was removed.</exception>
    public Task RunAsync(Func<Task> command) => gate.RunAsync(command);

    /// <summary>Runs a command that nobody waits for. Its failure is the torrent's.</summary>
    public async void Begin(Func<Task> command)
    {
        try
        {
            await gate.RunAsync(command);
        }
        catch (OperationCanceledException)
        {
            // The session ends.
        }
        catch (Exception failure)
        {
            Fail(failure.Message);
        }
    }

    /// <summary>Does what is due, and returns when it must be called again; null: only after a wake-up.</summary>
    public DateTimeOffset? Visit(DateTimeOffset now)
    {
        if (Phase is FaultPhase { RetryAt: { } retryAt })
        {
            if (now < retryAt)
            {
                return retryAt;
            }
            Begin(() => Phase is FaultPhase ? ResumeAsync() : Task.CompletedTask);
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
        return Phase is not IdlePhase ? now + EngineLimits.TickInterval
            : SeedingRules.HasTimeGoal(core) ? now + EngineLimits.IdleGoalInterval
            : running.Announcer.NextDue;
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
        await RunningCheck;
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
        return gate.RunAsync(() => RestAsync(TorrentState.Stopped, TorrentEventKind.StateChanged, "the session ended"));
    }

    /// <summary>Stops the torrent for ever: later commands fail.</summary>
    public async Task RemoveAsync()
    {
        await ShutDownAsync();
        gate.Close();
    }

    /// <summary>Tells the torrent whether the queue lets it run.</summary>
    public void SetAdmitted(bool admitted)
    {
        if (admitted != isAdmitted)
        {
            isAdmitted = admitted;
            // A fault keeps its reason; it ends by itself or by the user.
            Begin(() =>
                Phase is FaultPhase ? Task.CompletedTask
                : MayRun ? ResumeAsync()
                : QueueAsync()
            );
        }
    }

    /// <summary>What takes incoming connections, after an idle torrent was woken; null when nothing does.</summary>
    public async Task<IAcceptingTorrent?> GetAcceptingAsync()
    {
        if (Phase is IdlePhase)
        {
            await gate.RunAsync(WakeAsync);
            await RunningCheck;
        }
        return IsTransferring ? Swarm?.Connections : null;
    }

    /// <summary>Compares all data with the hashes again; a command.</summary>
    public async Task RecheckAsync()
    {
        IsDataExpected = false;
        SkipsCheck = false;
        retries = 0;
        if (Phase is RestPhase or FaultPhase)
        {
            await ForgetPiecesAsync();
            await ResumeAsync();
        }
        else if (Phase is not MetadataPhase)
        {
            await ReopenAsync(ForgetPiecesAsync);
        }
    }

    /// <summary>Wakes an idle torrent, and waits for a running check; for commands that need the data.</summary>
    public async Task WakeAndCheckAsync()
    {
        await WakeAsync();
        await RunningCheck;
    }

    /// <summary>Applies changed settings of files; a command.</summary>
    /// <param name="before">The settings until now.</param>
    public async Task ApplySelectionAsync(TorrentSettings before)
    {
        await WakeAsync();
        if (Phase is TransferPhase transfer)
        {
            await transfer.SelectAsync(core.Settings, before);
        }
        else if (Phase is CheckPhase)
        {
            // It prepares the files of the selection with which it began.
            await ReopenAsync(static () => Task.CompletedTask);
        }
    }

    /// <summary>Reads from the piece space once the data is there; see <see cref="TransferPhase.ReadAsync"/>.</summary>
    public async Task<int> ReadAsync(long offset, Memory<byte> into, CancellationToken stop)
    {
        await gate.RunAsync(WakeAsync);
        await RunningCheck;
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
        Begin(() => EndRunAsync(leaving));
        Shared.QueueChanged();
    }

    /// <summary>Replaces the phase and returns the one before, which the caller closes.</summary>
    private TorrentPhase Become(
        TorrentPhase next,
        TorrentEventKind kind = TorrentEventKind.StateChanged,
        string reason = ""
    )
    {
        Invariant.Holds(TransitionTable.Allows(Phase.State, next.State));
        core.AdvanceTimes();
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
            Shared.QueueChanged();
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
            var retryAt = Shared.Now + EngineLimits.FaultRetryInterval;
            var leaving = Become(new FaultPhase(failure.Message, retryAt), reason: failure.Message);
            completion.Fail(failure.Message);
            await EndRunAsync(leaving);
        }
    }

    private Task QueueAsync() =>
        core.Settings.Mode == RunMode.Stopped
            ? Task.CompletedTask
            : RestAsync(TorrentState.Queued, TorrentEventKind.StateChanged, "the queue is full");

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
    private void PeerFound()
    {
        if (Phase is IdlePhase)
        {
            Begin(WakeAsync);
        }
    }

    private void OpenSwarm(TorrentRun running)
    {
        var swarm = new TorrentSwarm(Shared, core.Loop, core.Identity, running.Addresses, running.Stop)
        {
            MetadataCompleted = info => metadata.Completed(this, info),
            PieceLayersCompleted = metainfo => metadata.LayersCompleted(this, metainfo),
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

    /// <summary>Checks the data, whose hashes are known.</summary>
    public void StartCheck(TorrentSwarm swarm)
    {
        var check = new CheckPhase(swarm.Context, swarm.Context.Metainfo!)
        {
            Succeeded = (checkedPhase, data, opened) => StartTransfer(checkedPhase, swarm, data, opened.Have),
            IsCurrent = checkedPhase => Phase == checkedPhase,
            Failed = reason => Fail(reason),
            IsDataExpected = IsDataExpected,
            SkipsCheck = SkipsCheck,
        };
        Become(check);
        check.Start(core.Settings);
    }

    private bool StartTransfer(CheckPhase check, TorrentSwarm swarm, TorrentData data, PieceSet have)
    {
        if (Phase != check || swarm.Context.Stop.IsCancellationRequested)
        {
            return false;
        }
        IsDataExpected = true;
        if (data.Storage.Layout.Place is var place && place != core.Settings.Place)
        {
            // A move went on that a crash had interrupted.
            Begin(() => core.ChangeAsync(settings => settings.At(place)));
        }
        swarm.Context.Storage = data.Storage;
        swarm.Context.Verifier = data.Verifier;
        swarm.Context.HavePieces = have;
        var transfer = new TransferPhase(swarm.Context, data, swarm.Messages, core.Settings)
        {
            Failed = reason => Fail(reason),
            DirectionChanged = DirectionChanged,
            Completed = () => Begin(CompletedAsync),
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
        Swarm?.Connections.Ban(address, reason);
        core.Publisher.Publish(TorrentEventKind.PeerBanned, $"{address}: {reason}");
    }

    private void Tick(TorrentRun running, DateTimeOffset now)
    {
        running.Tick(Phase, now);
        if (!isGoalReached && SeedingRules.GoalReached(core, running, now) is { } reason)
        {
            isGoalReached = true;
            Begin(() => StopAsync(TorrentEventKind.GoalReached, reason));
        }
        if (SeedingRules.CanGoIdle(core, running, now))
        {
            Begin(GoIdleAsync);
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
            run!.Woken(Shared.Now);
            OpenSwarm(run);
        }
        catch (Exception failure) when (failure is EngineException or DiskException)
        {
            Fail(failure.Message);
        }
    }

    private Task ForgetPiecesAsync() =>
        Shared.Resume?.ForgetPiecesAsync(core.Identity.SwarmIds.First(), sessionStop).AsTask() ?? Task.CompletedTask;

    /// <summary>Closes the peers and the data, and checks the data again. The trackers notice nothing.</summary>
    /// <param name="closed">Called between the two, when nothing is saved any more.</param>
    private async Task ReopenAsync(Func<Task> closed)
    {
        var leaving = Phase;
        await CloseSwarmAsync(run!);
        await leaving.CloseAsync();
        await closed();
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
        else
        {
            await leaving.CloseAsync();
        }
        await core.SaveAsync(metainfo: null);
    }
}
