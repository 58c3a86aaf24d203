using Anatomic.World;

namespace Anatomic.Engine.Tests;

/// <summary>A world on one thread, with only what files and hashing need.</summary>
internal sealed class MemoryWorld : IWorld
{
    private readonly MemoryStores stores = new();

    public MemoryWorld() => stores.BeforeCommit = Files.Change;

    public MemoryDisk Files { get; } = new();

    public TimeProvider Clock => throw new NotSupportedException();
    public Entropy Entropy => throw new NotSupportedException();
    public INetwork Network => throw new NotSupportedException();
    public IHttpClient Http => throw new NotSupportedException();
    public IDisk Disk => Files;
    public IStores Stores => stores;
    public IWorkers Workers { get; } = new InlineWorkers();
    public ILoops Loops => throw new NotSupportedException();
    public ISignatures Signatures => throw new NotSupportedException();
    public IEventLog EventLog => NullEventLog.Instance;

    /// <summary>Runs an operation on one thread, as an engine's loop does.</summary>
    public static void Run(Func<Task> operation)
    {
        using var context = new SingleThreadContext();
        context.Run(operation);
    }

    /// <summary>Returns the exception of an operation. Unlike the assertion library, stays on the thread.</summary>
    public static async Task<T> CatchAsync<T>(Func<ValueTask> operation)
        where T : Exception
    {
        try
        {
            await operation();
        }
        catch (T expected)
        {
            return expected;
        }
        throw new ShouldAssertException($"no {typeof(T).Name} was thrown");
    }

    private sealed class InlineWorkers : IWorkers
    {
        public int Count => 2;

        public async Task<T> RunAsync<T>(Func<T> work)
        {
            await Task.Yield();
            return work();
        }
    }

    private sealed class SingleThreadContext : SynchronizationContext, IDisposable
    {
        private readonly Queue<(SendOrPostCallback Call, object? State)> queue = new();
        private readonly SynchronizationContext? previous = Current;

        public override void Post(SendOrPostCallback d, object? state) => queue.Enqueue((d, state));

        public void Run(Func<Task> operation)
        {
            SetSynchronizationContext(this);
            var task = operation();
            while (!task.IsCompleted)
            {
                queue.TryDequeue(out var next).ShouldBeTrue("the operation waits for something that never completes");
                next.Call(next.State);
            }
            task.GetAwaiter().GetResult();
        }

        public void Dispose() => SetSynchronizationContext(previous);
    }
}
