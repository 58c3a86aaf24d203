using Anatomic.World;

namespace Anatomic.Simulation.Scheduling;

/// <summary>A logical loop of a host: a context of its own on the one scheduler, so that plain awaits come back to it.</summary>
internal sealed class SimulatedLoop(HostProcess process) : SynchronizationContext, ILoop
{
    public HostProcess Process { get; } = process;

    public Task RunAsync(Func<Task> flow)
    {
        var end = new TaskCompletionSource();
        Process.Scheduler.Post(this, () => _ = FollowAsync(flow, end));
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

    private static async Task FollowAsync(Func<Task> flow, TaskCompletionSource end)
    {
        try
        {
            await flow();
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
