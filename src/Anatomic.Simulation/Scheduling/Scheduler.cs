using System.Collections.Concurrent;
using Anatomic.Simulation.Tracing;

namespace Anatomic.Simulation.Scheduling;

/// <summary>
/// Runs everything on one thread: first the continuations that are ready, in order, then the next event of a heap
/// ordered by (time, sequence number). Simulated time advances only between events.
/// </summary>
internal sealed class Scheduler(SimulationLimits limits, Trace trace)
{
    [ThreadStatic]
    private static Scheduler? running;

    // Real time: even a busy thread pool runs a continuation within it.
    private static readonly TimeSpan ForeignCallbackWait = TimeSpan.FromMilliseconds(200);
    private readonly PriorityQueue<ScheduledEvent, (long Ticks, long Sequence)> heap = new();
    private readonly Queue<ReadyStep> ready = new();
    private readonly ConcurrentQueue<string> foreignCallbacks = new();
    private long sequence;
    private long foregroundEvents;

    public long NowTicks { get; private set; }
    public long Steps { get; private set; }
    public TimeSpan Now => new(NowTicks);

    /// <summary>The first failure that no awaiting code would see; the run stops at it.</summary>
    public SimulationException? Failure { get; private set; }

    public void Fail(SimulationException failure) => Failure ??= failure;

    /// <summary>Adds an event to the trace.</summary>
    public void Record(HostProcess at, TraceKind kind, string subject, long number = 0, ulong digest = 0) =>
        trace.Add(new TraceEvent(Steps, Now, at.Host, kind, subject, number, digest));

    /// <summary>Runs an action later on the owner's first loop, unless the owner crashes before.</summary>
    /// <param name="ticks">Delay from now, in ticks of 100 ns; a negative one counts as 0.</param>
    /// <param name="owner">The process that the action belongs to.</param>
    /// <param name="action">Runs on the simulation's thread.</param>
    /// <param name="isBackground">See <see cref="ScheduledEvent.IsBackground"/>.</param>
    public ScheduledEvent Schedule(long ticks, HostProcess owner, Action action, bool isBackground = false)
    {
        var scheduled = new ScheduledEvent(owner.Loops[0], action, isBackground);
        foregroundEvents += isBackground ? 0 : 1;
        heap.Enqueue(scheduled, (NowTicks + Math.Max(0, ticks), sequence++));
        return scheduled;
    }

    public void Post(SimulatedLoop loop, Action action) => Post(loop, static state => ((Action)state!)(), action);

    public void Post(SimulatedLoop loop, SendOrPostCallback callback, object? state)
    {
        if (!ReferenceEquals(running, this))
        {
            foreignCallbacks.Enqueue($"{loop.Process.Host}: {Describe(state)}");
            return;
        }
        ready.Enqueue(new ReadyStep(loop, callback, state));
    }

    /// <summary>Runs until the task of <paramref name="start"/> completes; throws whatever fails before.</summary>
    public void RunUntil(Func<Task> start, SimulatedLoop loop)
    {
        var context = SynchronizationContext.Current;
        var before = running;
        running = this;
        try
        {
            SynchronizationContext.SetSynchronizationContext(loop);
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
        if (foreignCallbacks.TryDequeue(out var foreign))
        {
            throw ForeignThread(foreign);
        }
        if (++Steps > limits.MaxSteps)
        {
            throw new SimulationException(
                SimulationFault.StepLimit,
                $"not finished after {limits.MaxSteps:N0} steps, at {Now.TotalSeconds:F3} s simulated"
            );
        }
        if (ready.TryDequeue(out var step))
        {
            Execute(step.Loop, step.Callback, step.State);
            return;
        }
        if (foregroundEvents == 0 || !heap.TryDequeue(out var next, out var when))
        {
            throw NothingLeft();
        }
        foregroundEvents -= next.IsBackground ? 0 : 1;
        if (when.Ticks > limits.MaxTime.Ticks)
        {
            throw new SimulationException(
                SimulationFault.TimeLimit,
                $"not finished after {limits.MaxTime.TotalSeconds:F0} s simulated"
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
            loop.Process.KeepAlive((callback, state));
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
                $"{loop.Process.Host}: uncaught exception at {Now.TotalSeconds:F3} s simulated: {failed.Message}",
                failed
            );
        }
    }

    // A continuation may be on its way from another thread: that is the better explanation of an empty heap.
    private SimulationException NothingLeft() =>
        SpinWait.SpinUntil(() => !foreignCallbacks.IsEmpty, ForeignCallbackWait)
        && foreignCallbacks.TryDequeue(out var foreign)
            ? ForeignThread(foreign)
            : new SimulationException(
                SimulationFault.Deadlock,
                $"no event is left at {Now.TotalSeconds:F3} s simulated, and the scenario still waits"
            );

    private static SimulationException ForeignThread(string callback) =>
        new(
            SimulationFault.ForeignThread,
            $"a continuation came from another thread, so code awaited something outside the simulation: {callback}"
        );

    private static string Describe(object? state) =>
        state is Action { Target: { } target } action
            ? $"{target.GetType()} {action.Method.Name}"
            : state?.ToString() ?? "a callback";

    private readonly record struct ReadyStep(SimulatedLoop Loop, SendOrPostCallback Callback, object? State);
}
