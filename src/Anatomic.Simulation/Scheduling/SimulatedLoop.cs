using Anatomic.World;

namespace Anatomic.Simulation.Scheduling;

/// <summary>An event loop of a host process: a synchronization context, so that plain awaits continue on it.</summary>
internal sealed class SimulatedLoop(HostProcess process) : SynchronizationContext, ILoop
{
    public HostProcess Process { get; } = process;

    public Task RunAsync(Func<Task> work)
    {
        var end = new TaskCompletionSource();
        Process.Scheduler.Post(this, () => _ = CompleteAsync(work, end));
        return end.Task;
    }

    public void Post(Action action) => Process.Scheduler.Post(this, action);

    public override void Post(SendOrPostCallback d, object? state) => Process.Scheduler.Post(this, d, state);

    public override void Send(SendOrPostCallback d, object? state)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            d(state);
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public override SynchronizationContext CreateCopy() => this;

    private static async Task CompleteAsync(Func<Task> work, TaskCompletionSource end)
    {
        try
        {
            await work();
            end.TrySetResult();
        }
        catch (OperationCanceledException stopped)
        {
            end.TrySetCanceled(stopped.CancellationToken);
        }
        catch (Exception failed)
        {
            end.TrySetException(failed);
        }
    }
}
