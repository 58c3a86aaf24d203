using Anatomic.Simulation.Disks;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.World;

namespace Anatomic.Simulation.Stores;

/// <summary>
/// A host's stores as its process uses them. A commit is durable before it is acknowledged. A crash keeps a random
/// number of the pending commits, in their order.
/// </summary>
internal sealed class SimulatedStores(HostProcess process, HostStores stores, HostDisk disk, SeededEntropy entropy)
    : IStores
{
    // About what SQLite takes for a read from its cache, and for a commit that waits for the disk.
    private static readonly (TimeSpan Min, TimeSpan Max) ReadTime = (
        TimeSpan.FromMicroseconds(5),
        TimeSpan.FromMicroseconds(100)
    );
    private static readonly (TimeSpan Min, TimeSpan Max) CommitTime = (
        TimeSpan.FromMilliseconds(1),
        TimeSpan.FromMilliseconds(6)
    );
    private readonly Queue<PendingCommit> pending = new();

    public async ValueTask<IStore> OpenAsync(string name, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        disk.ThrowIfReadOnly(name);
        await DelayAsync(CommitTime, () => { });
        process.Scheduler.Record(process, TraceKind.Opened, name);
        return new SimulatedStore(this, name, stores.Get(name));
    }

    /// <summary>Applies the pending commits that happen to have reached the disk.</summary>
    public void Crash()
    {
        var kept = pending.Count == 0 ? 0 : entropy.Next(pending.Count + 1);
        foreach (var commit in pending.Take(kept))
        {
            commit.Content.Apply(commit.Changes);
        }
        pending.Clear();
    }

    private Task DelayAsync((TimeSpan Min, TimeSpan Max) time, Action effect)
    {
        var done = new TaskCompletionSource();
        process.Scheduler.Schedule(
            entropy.NextTicks(time.Min, time.Max),
            process,
            () =>
            {
                effect();
                done.SetResult();
            }
        );
        return done.Task;
    }

    private Task CommitAsync(string name, StoreContent content, StoreBatch batch)
    {
        disk.ThrowIfReadOnly(name);
        if (disk.IsFull)
        {
            throw new DiskException(
                DiskFault.Full,
                $"the disk is full: the store {name} cannot be changed; free some space"
            );
        }
        var changes = batch.Changes.Select(change =>
            (change.Table, change.Key.ToArray(), change.Value is { } value ? value.ToArray() : null)
        );
        var done = new TaskCompletionSource();
        pending.Enqueue(new PendingCommit(content, [.. changes], done));
        process.Scheduler.Record(process, TraceKind.CommitStarted, name, batch.Changes.Count);
        if (pending.Count == 1)
        {
            ScheduleNextCommit();
        }
        return done.Task;
    }

    // One writer: commits complete in the order in which they began.
    private void ScheduleNextCommit() =>
        process.Scheduler.Schedule(
            entropy.NextTicks(CommitTime.Min, CommitTime.Max),
            process,
            () =>
            {
                var commit = pending.Dequeue();
                commit.Content.Apply(commit.Changes);
                if (pending.Count > 0)
                {
                    ScheduleNextCommit();
                }
                commit.Done.SetResult();
            }
        );

    private sealed class SimulatedStore(SimulatedStores owner, string name, StoreContent content) : IStore
    {
        private bool isClosed;

        public async ValueTask<byte[]?> GetAsync(string table, ReadOnlyMemory<byte> key, CancellationToken stop)
        {
            ThrowIfUnusable(stop);
            byte[]? found = null;
            await owner.DelayAsync(ReadTime, () => found = content.Get(table, key));
            return found;
        }

        public async ValueTask<IReadOnlyList<StoreRow>> ListAsync(
            string table,
            ReadOnlyMemory<byte> after,
            int limit,
            CancellationToken stop
        )
        {
            ThrowIfUnusable(stop);
            IReadOnlyList<StoreRow> found = [];
            await owner.DelayAsync(ReadTime, () => found = content.List(table, after, limit));
            return found;
        }

        public async ValueTask CommitAsync(StoreBatch batch, CancellationToken stop)
        {
            ThrowIfUnusable(stop);
            await owner.CommitAsync(name, content, batch);
        }

        public ValueTask DisposeAsync()
        {
            isClosed = true;
            return ValueTask.CompletedTask;
        }

        private void ThrowIfUnusable(CancellationToken stop)
        {
            ObjectDisposedException.ThrowIf(isClosed, this);
            stop.ThrowIfCancellationRequested();
        }
    }

    private sealed record PendingCommit(
        StoreContent Content,
        IReadOnlyList<(string Table, byte[] Key, byte[]? Value)> Changes,
        TaskCompletionSource Done
    );
}
