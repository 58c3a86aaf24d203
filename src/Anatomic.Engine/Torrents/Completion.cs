namespace Anatomic.Engine.Torrents;

/// <summary>
/// Tells that every wanted piece is verified and written. Starting a torrent that was stopped or faulted renews it.
/// </summary>
internal sealed class Completion
{
    private TaskCompletionSource source = Create();

    public Task Task => source.Task;

    public void Renew()
    {
        if (source.Task.IsCompleted)
        {
            source = Create();
        }
    }

    public void Succeed() => source.TrySetResult();

    public void Fail(string reason) => source.TrySetException(new EngineException(reason));

    public void Cancel() => source.TrySetCanceled(CancellationToken.None);

    private static TaskCompletionSource Create()
    {
        var created = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Observes the exception even when no one awaits completion; the status shows it as well.
        _ = created.Task.ContinueWith(
            static task => task.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
        return created;
    }
}
