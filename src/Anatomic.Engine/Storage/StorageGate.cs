namespace Anatomic.Engine.Storage;

/// <summary>
/// Lets many operations of one torrent run together, and a move or renaming alone. Called from one loop.
/// </summary>
internal sealed class StorageGate
{
    private int inside;
    private TaskCompletionSource? opens;
    private TaskCompletionSource? drained;

    /// <summary>Enters at once, unless something runs alone. Every entry needs one <see cref="Leave"/>.</summary>
    public async ValueTask EnterAsync()
    {
        while (opens is not null)
        {
            await opens.Task;
        }
        inside++;
    }

    public void Leave()
    {
        if (--inside == 0)
        {
            drained?.TrySetResult();
        }
    }

    /// <summary>Runs an operation once all others have left; those that come meanwhile wait.</summary>
    public async Task RunAloneAsync(Func<Task> operation)
    {
        while (opens is not null)
        {
            await opens.Task;
        }
        opens = new TaskCompletionSource();
        try
        {
            if (inside > 0)
            {
                drained = new TaskCompletionSource();
                await drained.Task;
            }
            await operation();
        }
        finally
        {
            drained = null;
            var waiting = opens;
            opens = null;
            waiting.SetResult();
        }
    }
}
