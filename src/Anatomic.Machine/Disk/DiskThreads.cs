namespace Anatomic.Machine.Disk;

/// <summary>
/// Threads that run blocking file operations. They are the disk's own, so that a slow disk delays neither the loops nor
/// the thread pool, which completes sockets. Threads start with the load, up to a limit, and then stay.
/// </summary>
internal sealed class DiskThreads(int maxThreads)
{
    // A monitor, unlike a semaphore, does not spin before it sleeps, which would take CPU time from the loops.
    private readonly object gate = new();
    private readonly Queue<IDiskJob> queue = new();
    private readonly List<Thread> threads = [];
    private int idle;
    private bool stopping;

    /// <summary>Runs an operation; cancellation counts only until it starts.</summary>
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken stop)
    {
        var job = new DiskCall<T>(work, stop);
        Enqueue(job);
        return job.Completion;
    }

    public void Enqueue(IDiskJob job)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(stopping, this);
            queue.Enqueue(job);
            if (queue.Count <= idle || threads.Count == maxThreads)
            {
                Monitor.Pulse(gate);
                return;
            }
            var thread = new Thread(Work) { Name = $"disk {threads.Count}", IsBackground = true };
            threads.Add(thread);
            thread.Start();
        }
    }

    /// <summary>Stops the threads once everything queued is done. Must not be called on one of them.</summary>
    public void Stop()
    {
        lock (gate)
        {
            stopping = true;
            Monitor.PulseAll(gate);
        }
        foreach (var thread in threads)
        {
            thread.Join();
        }
    }

    private void Work()
    {
        while (Dequeue() is { } job)
        {
            job.Run();
        }
    }

    /// <summary>Null when the threads stop.</summary>
    private IDiskJob? Dequeue()
    {
        lock (gate)
        {
            while (queue.Count == 0)
            {
                if (stopping)
                {
                    return null;
                }
                idle++;
                Monitor.Wait(gate);
                idle--;
            }
            return queue.Dequeue();
        }
    }

    private sealed class DiskCall<T>(Func<T> work, CancellationToken stop) : IDiskJob
    {
        private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Completion => completion.Task;

        public void Run()
        {
            if (stop.IsCancellationRequested)
            {
                completion.SetCanceled(stop);
                return;
            }
            try
            {
                completion.SetResult(work());
            }
            catch (Exception fault)
            {
                completion.SetException(fault);
            }
        }
    }
}

/// <summary>One blocking operation.</summary>
internal interface IDiskJob
{
    void Run();
}
