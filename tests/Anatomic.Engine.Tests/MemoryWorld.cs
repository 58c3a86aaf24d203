using Anatomic.World;

namespace Anatomic.Engine.Tests;

/// <summary>The part of a world that files and hashing need, on one thread.</summary>
internal sealed class MemoryWorld : IWorld
{
    public MemoryDisk Files { get; } = new();

    public MemoryStores Kept { get; } = new();

    public TimeProvider Clock => throw new NotSupportedException();
    public Entropy Entropy => throw new NotSupportedException();
    public INetwork Network => throw new NotSupportedException();
    public IHttpClient Http => throw new NotSupportedException();
    public IDisk Disk => Files;
    public IStores Stores => Kept;
    public IWorkers Workers { get; } = new HereAndNow();
    public ILoops Loops => throw new NotSupportedException();
    public ISignatures Signatures => throw new NotSupportedException();
    public IEventLog EventLog => NullEventLog.Instance;

    /// <summary>Runs a flow on one thread, as an engine's loop does.</summary>
    public static void Run(Func<Task> flow)
    {
        using var loop = new OneThread();
        loop.Run(flow);
    }

    /// <summary>The exception of an operation, without leaving the thread as the assertion library would.</summary>
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

    private sealed class HereAndNow : IWorkers
    {
        public int Count => 2;

        public async Task<T> RunAsync<T>(Func<T> work)
        {
            await Task.Yield();
            return work();
        }
    }

    private sealed class OneThread : SynchronizationContext, IDisposable
    {
        private readonly Queue<(SendOrPostCallback Call, object? State)> queue = new();
        private readonly SynchronizationContext? before = Current;

        public override void Post(SendOrPostCallback d, object? state) => queue.Enqueue((d, state));

        public void Run(Func<Task> flow)
        {
            SetSynchronizationContext(this);
            var task = flow();
            while (!task.IsCompleted)
            {
                queue.TryDequeue(out var next).ShouldBeTrue("the flow waits for something that never comes");
                next.Call(next.State);
            }
            task.GetAwaiter().GetResult();
        }

        public void Dispose() => SetSynchronizationContext(before);
    }
}

/// <summary>Stores in memory, of one table each.</summary>
internal sealed class MemoryStores : IStores
{
    private readonly SortedDictionary<string, SortedDictionary<string, byte[]>> stores = new(StringComparer.Ordinal);

    public ValueTask<IStore> OpenAsync(string name, CancellationToken stop)
    {
        if (!stores.TryGetValue(name, out var rows))
        {
            stores.Add(name, rows = new(StringComparer.Ordinal));
        }
        return ValueTask.FromResult<IStore>(new Store(rows));
    }

    private sealed class Store(SortedDictionary<string, byte[]> rows) : IStore
    {
        public ValueTask<byte[]?> GetAsync(string table, ReadOnlyMemory<byte> key, CancellationToken stop) =>
            ValueTask.FromResult(rows.GetValueOrDefault(Row(table, key)));

        public ValueTask<IReadOnlyList<StoreRow>> ListAsync(
            string table,
            ReadOnlyMemory<byte> after,
            int limit,
            CancellationToken stop
        ) => throw new NotSupportedException();

        public ValueTask CommitAsync(StoreBatch batch, CancellationToken stop)
        {
            foreach (var change in batch.Changes)
            {
                rows.Remove(Row(change.Table, change.Key));
                if (change.Value is { } value)
                {
                    rows.Add(Row(change.Table, change.Key), value.ToArray());
                }
            }
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static string Row(string table, ReadOnlyMemory<byte> key) => $"{table}/{Convert.ToHexString(key.Span)}";
    }
}
