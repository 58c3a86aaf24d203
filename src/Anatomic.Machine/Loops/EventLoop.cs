using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Loops;

/// <summary>
/// A thread that runs posted actions in order. It is also the synchronization context and task scheduler of everything
/// it runs, so awaits, continuations and new tasks stay on it.
/// </summary>
internal sealed class EventLoop : ILoop, IDisposable
{
    private readonly Lock gate = new();

    // Unlike a semaphore, it does not spin before it sleeps, which would take CPU time from the serving loops.
    private readonly AutoResetEvent wake = new(false);
    private readonly Action<Exception> unhandled;
    private readonly LoopSynchronizationContext context;
    private readonly LoopTaskScheduler scheduler;
    private readonly Thread thread;
    private List<LoopItem> pending = new(256);
    private List<LoopItem> running = new(256);
    private bool asleep;
    private bool stopping;

    public EventLoop(string name, Action<Exception> unhandled)
    {
        this.unhandled = unhandled;
        context = new LoopSynchronizationContext(this);
        scheduler = new LoopTaskScheduler(this);
        thread = new Thread(Start) { Name = name, IsBackground = true };
        thread.Start();
    }

    public bool IsCurrent => Thread.CurrentThread == thread;

    public Task RunAsync(Func<Task> work)
    {
        var started = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        var taken = Enqueue(
            static state =>
            {
                var (work, started) = ((Func<Task>, TaskCompletionSource<Task>))state!;
                try
                {
                    started.SetResult(work());
                }
                catch (Exception fault)
                {
                    started.SetException(fault);
                }
            },
            (work, started)
        );
        if (!taken)
        {
            started.SetException(new ObjectDisposedException(nameof(EventLoop), "The loop has stopped."));
        }
        return started.Task.Unwrap();
    }

    public void Post(Action action) => Enqueue(static state => ((Action)state!)(), action);

    /// <summary>False when the loop has stopped; nothing runs any more.</summary>
    public bool Enqueue(SendOrPostCallback callback, object? state)
    {
        bool wakeUp;
        lock (gate)
        {
            if (stopping)
            {
                return false;
            }
            pending.Add(new LoopItem(callback, state));
            wakeUp = asleep;
            asleep = false;
        }
        if (wakeUp)
        {
            wake.Set();
        }
        return true;
    }

    /// <summary>Runs what is queued, then stops the thread. Must not be called on the loop itself.</summary>
    public void Dispose()
    {
        Invariant.Holds(!IsCurrent, "a loop must be stopped from outside, or it would wait for itself");
        bool wakeUp;
        lock (gate)
        {
            stopping = true;
            wakeUp = asleep;
            asleep = false;
        }
        if (wakeUp)
        {
            wake.Set();
        }
        thread.Join();
        wake.Dispose();
    }

    private void Start()
    {
        SynchronizationContext.SetSynchronizationContext(context);
        // The whole loop is one task of its scheduler, which makes that the current scheduler for everything below.
        new Task(Drain).RunSynchronously(scheduler);
    }

    private void Drain()
    {
        while (DequeueBatch())
        {
            foreach (var item in running)
            {
                try
                {
                    item.Callback(item.State);
                }
                catch (Exception fault)
                {
                    Report(fault);
                }
            }
            running.Clear();
        }
    }

    private bool DequeueBatch()
    {
        while (true)
        {
            lock (gate)
            {
                if (pending.Count > 0)
                {
                    (pending, running) = (running, pending);
                    return true;
                }
                if (stopping)
                {
                    return false;
                }
                asleep = true;
            }
            wake.WaitOne();
        }
    }

    private void Report(Exception fault)
    {
        try
        {
            unhandled(fault);
        }
        catch (Exception second)
        {
            // A callback that throws must not silently end the loop and everything that runs on it.
            Console.Error.WriteLine($"{fault}\nand reporting it failed: {second}");
        }
    }

    private readonly record struct LoopItem(SendOrPostCallback Callback, object? State);
}
