using System.Collections.Concurrent;
using Anatomic.Simulation.Tracing;

namespace Anatomic.Simulation.Scheduling;

/// <summary>
/// The one thread on which everything happens: a heap of events by (time, sequence) and, before them, what is ready now, in
/// order. Time stands still while code runs.
/// </summary>
internal sealed class Scheduler(SimulationLimits limits, Trace trace)
{
    [ThreadStatic]
    private static Scheduler? running;

    private static readonly TimeSpan StrayWait = TimeSpan.FromMilliseconds(200); // real time; a busy thread pool answers within it
    private readonly PriorityQueue<ScheduledEvent, (long Ticks, long Sequence)> heap = new();
    private readonly Queue<ReadyStep> ready = new();
    private readonly ConcurrentQueue<string> strays = new();
    private long sequence;
    private long awaited;

    public long NowTicks { get; private set; }
    public long Steps { get; private set; }
    public TimeSpan Now => new(NowTicks);

    /// <summary>Set by the world when something is wrong that no awaiting code would see; the run stops at it.</summary>
    public SimulationException? Failure { get; private set; }

    public void Fail(SimulationException failure) => Failure ??= failure;

    public void Add(HostProcess at, TraceKind kind, string subject, long number = 0, ulong digest = 0) =>
        trace.Add(new TraceEvent(Steps, Now, at.Host, kind, subject, number, digest));

    /// <param name="ticks">From now; less than 0 counts as 0.</param>
    /// <param name="owner">Whose life it belongs to.</param>
    /// <param name="action">Runs on the owner's first loop.</param>
    /// <param name="isBackground">It alone does not keep a run from being a deadlock.</param>
    public ScheduledEvent After(long ticks, HostProcess owner, Action action, bool isBackground = false)
    {
        var planned = new ScheduledEvent(owner.Loops[0], action, isBackground);
        awaited += isBackground ? 0 : 1;
        heap.Enqueue(planned, (NowTicks + Math.Max(0, ticks), sequence++));
        return planned;
    }

    public void Post(SimulatedLoop loop, Action action) => Post(loop, static state => ((Action)state!)(), action);

    public void Post(SimulatedLoop loop, SendOrPostCallback callback, object? state)
    {
        if (!ReferenceEquals(running, this))
        {
            strays.Enqueue($"{loop.Process.Host}: {Describe(state)}");
            return;
        }
        ready.Enqueue(new ReadyStep(loop, callback, state));
    }

    /// <summary>Runs until the task of <paramref name="start"/> ends; throws what stopped it before.</summary>
    public void RunUntil(Func<Task> start, SimulatedLoop at)
    {
        var context = SynchronizationContext.Current;
        var before = running;
        running = this;
        try
        {
            SynchronizationContext.SetSynchronizationContext(at);
            var finished = start();
            while (Failure is null && !finished.IsCompleted)
            {
                Step();
            }
            if (Failure is null)
            {
                finished.GetAwaiter().GetResult();
            }
        }
        finally
        {
            running = before;
            SynchronizationContext.SetSynchronizationContext(context);
        }
        if (Failure is not null)
        {
            throw Failure;
        }
    }

    private void Step()
    {
        if (strays.TryDequeue(out var stray))
        {
            throw Left(stray);
        }
        if (++Steps > limits.Steps)
        {
            throw new SimulationException(
                SimulationFault.StepLimit,
                $"not finished after {limits.Steps:N0} steps, at {Now.TotalSeconds:F3} s simulated"
            );
        }
        if (ready.TryDequeue(out var step))
        {
            Execute(step.Loop, step.Callback, step.State);
            return;
        }
        if (awaited == 0 || !heap.TryDequeue(out var next, out var when))
        {
            throw SpinWait.SpinUntil(() => !strays.IsEmpty, StrayWait) && strays.TryDequeue(out stray)
                ? Left(stray)
                : new SimulationException(
                    SimulationFault.Deadlock,
                    $"nothing is left to happen at {Now.TotalSeconds:F3} s simulated, and the scenario still waits"
                );
        }
        awaited -= next.IsBackground ? 0 : 1;
        if (when.Ticks > limits.Time.Ticks)
        {
            throw new SimulationException(
                SimulationFault.TimeLimit,
                $"not finished after {limits.Time.TotalSeconds:F0} s simulated"
            );
        }
        if (!next.IsCancelled)
        {
            NowTicks = when.Ticks;
            Execute(next.Loop, static state => ((Action)state!)(), next.Action);
        }
    }

    private void Execute(SimulatedLoop loop, SendOrPostCallback callback, object? state)
    {
        if (loop.Process.HasCrashed)
        {
            loop.Process.Drop((callback, state));
            return;
        }
        SynchronizationContext.SetSynchronizationContext(loop);
        try
        {
            callback(state);
        }
        catch (Exception failed) when (failed is not SimulationException)
        {
            throw new SimulationException(
                SimulationFault.Unobserved,
                $"{loop.Process.Host}: an exception that nobody caught, at {Now.TotalSeconds:F3} s simulated: {failed.Message}",
                failed
            );
        }
    }

    private static SimulationException Left(string stray) =>
        new(
            SimulationFault.LeftWorld,
            $"a continuation came back from another thread, so something was awaited outside of the world: {stray}"
        );

    private static string Describe(object? state) =>
        state is Action { Target: { } target } action
            ? $"{target.GetType()} {action.Method.Name}"
            : state?.ToString() ?? "a callback";

    private readonly record struct ReadyStep(SimulatedLoop Loop, SendOrPostCallback Callback, object? State);
}

/// <summary>An action at a time to come.</summary>
internal sealed class ScheduledEvent(SimulatedLoop loop, Action action, bool isBackground)
{
    public SimulatedLoop Loop { get; } = loop;
    public Action Action { get; } = action;
    public bool IsBackground { get; } = isBackground;
    public bool IsCancelled { get; private set; }

    public void Cancel() => IsCancelled = true;
}
