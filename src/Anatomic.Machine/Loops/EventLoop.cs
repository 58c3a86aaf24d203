using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Loops;

/// <summary>
/// One thread that runs what is posted to it, in order. It is at once the synchronization context and the task scheduler of
/// what it runs, so that plain awaits, continuations and new tasks of a flow all stay on it.
/// </summary>
internal sealed class EventLoop : ILoop, IDisposable
{
    private readonly Lock gate = new();

    // Unlike a semaphore it does not spin before it sleeps: that would take the processor from the loops that serve.
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

    public Task RunAsync(Func<Task> flow)
    {
        var started = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        var taken = Enqueue(
            static state =>
            {
                var (flow, started) = ((Func<Task>, TaskCompletionSource<Task>))state!;
                try
                {
                    started.SetResult(flow());
                }
                catch (Exception fault)
                {
                    started.SetException(fault);
                }
            },
            (flow, started)
        );
        if (!taken)
        {
            started.SetException(new ObjectDisposedException(nameof(EventLoop), "The loop has ended."));
        }
        return started.Task.Unwrap();
    }

    public void Post(Action action) => Enqueue(static state => ((Action)state!)(), action);

    /// <summary>False when the loop has ended: then nothing runs any more.</summary>
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

    /// <summary>Runs what is queued by now, then ends the thread. Must not be called on the loop itself.</summary>
    public void Dispose()
    {
        Invariant.Holds(!IsCurrent, "a loop is ended from outside, or it would wait for itself");
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
        // The whole loop is one task of its scheduler: that makes the scheduler the current one for everything below.
        new Task(Drain).RunSynchronously(scheduler);
    }

    private void Drain()
    {
        while (TakeBatch())
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

    private bool TakeBatch()
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
            // A reporter that throws must not end the loop, and with it every flow on it, without a word.
            Console.Error.WriteLine($"{fault}\nand its report failed: {second}");
        }
    }

    private readonly record struct LoopItem(SendOrPostCallback Callback, object? State);
}
