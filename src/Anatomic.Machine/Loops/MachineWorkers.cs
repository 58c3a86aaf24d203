using System.Collections.Concurrent;
using Anatomic.World;

namespace Anatomic.Machine.Loops;

/// <summary>A fixed number of threads that run CPU-bound work in order.</summary>
internal sealed class MachineWorkers : IWorkers
{
    private readonly BlockingCollection<Action> queue = [];
    private readonly Thread[] threads;

    public MachineWorkers(int count)
    {
        Count = count;
        threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            threads[i] = new Thread(Work) { Name = $"worker {i}", IsBackground = true };
            threads[i].Start();
        }
    }

    public int Count { get; }

    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            queue.Add(() => Complete(work, done));
        }
        catch (InvalidOperationException)
        {
            done.SetException(new ObjectDisposedException(nameof(MachineWorkers), "The workers have stopped."));
        }
        return done.Task;
    }

    /// <summary>Stops the threads once everything queued is done.</summary>
    public void Stop()
    {
        queue.CompleteAdding();
        foreach (var thread in threads)
        {
            thread.Join();
        }
    }

    private void Work()
    {
        foreach (var work in queue.GetConsumingEnumerable())
        {
            work();
        }
    }

    private static void Complete<T>(Func<T> work, TaskCompletionSource<T> done)
    {
        try
        {
            done.SetResult(work());
        }
        catch (Exception fault)
        {
            done.SetException(fault);
        }
    }
}
