namespace Anatomic.Engine.Storage;

/// <summary>Lets a bounded number of checks run at once, in the order in which they were asked for.</summary>
internal sealed class CheckQueue(int maxChecks)
{
    private readonly LinkedList<TaskCompletionSource> waiting = new();
    private int running;

    /// <summary>The number of checks that wait.</summary>
    public int Waiting => waiting.Count;

    /// <summary>Waits for a turn, which ends when the result is disposed.</summary>
    public async ValueTask<Turn> EnterAsync(CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (running < maxChecks)
        {
            running++;
            return new Turn(this);
        }
        var turn = waiting.AddLast(new TaskCompletionSource());
        await using (stop.Register(() => Cancel(turn, stop)))
        {
            await turn.Value.Task;
        }
        return new Turn(this);
    }

    private void Cancel(LinkedListNode<TaskCompletionSource> turn, CancellationToken stop)
    {
        if (turn.Value.TrySetCanceled(stop))
        {
            waiting.Remove(turn);
        }
    }

    private void Leave()
    {
        running--;
        while (running < maxChecks && waiting.First is { } next)
        {
            waiting.RemoveFirst();
            if (next.Value.TrySetResult())
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
