namespace Anatomic.Engine.Storage;

/// <summary>Lets a bounded number of checks run at once, in the order in which they were asked for.</summary>
internal sealed class CheckQueue(int maxChecks)
{
    private readonly Queue<TaskCompletionSource> waiting = new();
    private int running;

    /// <summary>Waits for a turn, which ends when the result is disposed.</summary>
    public async ValueTask<Turn> EnterAsync(CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (running < maxChecks)
        {
            running++;
            return new Turn(this);
        }
        var turn = new TaskCompletionSource();
        waiting.Enqueue(turn);
        // The token may be cancelled on another loop, so the queue itself is left alone.
        using (stop.Register(() => turn.TrySetCanceled(stop)))
        {
            await turn.Task;
        }
        return new Turn(this);
    }

    private void Leave()
    {
        running--;
        while (running < maxChecks && waiting.TryDequeue(out var next))
        {
            // A cancelled one gives its turn to the next.
            if (next.TrySetResult())
            {
                running++;
            }
        }
    }

    /// <summary>A running check.</summary>
    public sealed class Turn(CheckQueue queue) : IDisposable
    {
        private bool hasEnded;

        public void Dispose()
        {
            if (!hasEnded)
            {
                hasEnded = true;
                queue.Leave();
            }
        }
    }
}
