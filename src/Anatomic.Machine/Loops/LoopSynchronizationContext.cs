namespace Anatomic.Machine.Loops;

/// <summary>Returns the continuations of awaits to their loop.</summary>
internal sealed class LoopSynchronizationContext(EventLoop loop) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => loop.Enqueue(d, state);

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (loop.IsCurrent)
        {
            d(state);
            return;
        }
        loop.RunAsync(() =>
            {
                d(state);
                return Task.CompletedTask;
            })
            .GetAwaiter()
            .GetResult();
    }

    public override SynchronizationContext CreateCopy() => this;
}
