using Anatomic.Simulation.Disks;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.World;

namespace Anatomic.Simulation.Stores;

/// <summary>
/// A host's stores as one life of it uses them. A commit is durable before it is acknowledged; a crash between its start and
/// its end keeps a drawn number of the commits under way, in their order.
/// </summary>
internal sealed class SimulatedStores(HostProcess process, HostStores stores, HostDisk disk, SeededEntropy entropy)
    : IStores
{
    // About what SQLite takes: a read from its cache, and a commit that waits for the disk.
    private static readonly (TimeSpan Least, TimeSpan Most) ReadTime = (
        TimeSpan.FromMicroseconds(5),
        TimeSpan.FromMicroseconds(100)
    );
    private static readonly (TimeSpan Least, TimeSpan Most) CommitTime = (
        TimeSpan.FromMilliseconds(1),
        TimeSpan.FromMilliseconds(6)
    );
    private readonly Queue<PendingCommit> underWay = new();

    public async ValueTask<IStore> OpenAsync(string name, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        disk.ThrowIfReadOnly(name);
        await LaterAsync(CommitTime, () => { });
        process.Scheduler.Add(process, TraceKind.Open, name);
        return new SimulatedStore(this, name, stores.Get(name));
    }

    /// <summary>What of the commits under way reached the disk is a matter of luck.</summary>
    public void Crash()
    {
        var kept = underWay.Count == 0 ? 0 : entropy.Next(underWay.Count + 1);
        foreach (var commit in underWay.Take(kept))
        {
            commit.Content.Apply(commit.Changes);
        }
        underWay.Clear();
    }

    private Task LaterAsync((TimeSpan Least, TimeSpan Most) time, Action effect)
    {
        var end = new TaskCompletionSource();
        process.Scheduler.After(
            entropy.Between(time.Least, time.Most),
            process,
            () =>
            {
                effect();
                end.SetResult();
            }
        );
        return end.Task;
    }

    private Task CommitAsync(string name, StoreContent content, StoreBatch batch)
    {
        disk.ThrowIfReadOnly(name);
        if (disk.IsFull)
        {
            throw new DiskException(
                DiskFault.Full,
                $"the disk is full: the store {name} cannot be changed; free some room"
            );
        }
        var changes = batch.Changes.Select(change =>
            (change.Table, change.Key.ToArray(), change.Value is { } value ? value.ToArray() : null)
        );
        var end = new TaskCompletionSource();
        underWay.Enqueue(new PendingCommit(content, [.. changes], end));
        process.Scheduler.Add(process, TraceKind.Commit, name, batch.Changes.Count);
        if (underWay.Count == 1)
        {
            FinishNextLater();
        }
        return end.Task;
    }

    // One writer: commits end in the order in which they began.
    private void FinishNextLater() =>
        process.Scheduler.After(
            entropy.Between(CommitTime.Least, CommitTime.Most),
            process,
            () =>
            {
                var commit = underWay.Dequeue();
                commit.Content.Apply(commit.Changes);
                if (underWay.Count > 0)
                {
                    FinishNextLater();
                }
                commit.End.SetResult();
            }
        );

    private sealed class SimulatedStore(SimulatedStores owner, string name, StoreContent content) : IStore
    {
        private bool isClosed;

        public async ValueTask<byte[]?> GetAsync(string table, ReadOnlyMemory<byte> key, CancellationToken stop)
        {
            Demand(stop);
            byte[]? found = null;
            await owner.LaterAsync(ReadTime, () => found = content.Get(table, key));
            return found;
        }

        public async ValueTask<IReadOnlyList<StoreRow>> ListAsync(
            string table,
            ReadOnlyMemory<byte> after,
            int limit,
            CancellationToken stop
        )
        {
            Demand(stop);
            IReadOnlyList<StoreRow> found = [];
            await owner.LaterAsync(ReadTime, () => found = content.List(table, after, limit));
            return found;
        }

        public async ValueTask CommitAsync(StoreBatch batch, CancellationToken stop)
        {
            Demand(stop);
            await owner.CommitAsync(name, content, batch);
        }

        public ValueTask DisposeAsync()
        {
            isClosed = true;
            return ValueTask.CompletedTask;
        }

        private void Demand(CancellationToken stop)
        {
            ObjectDisposedException.ThrowIf(isClosed, this);
            stop.ThrowIfCancellationRequested();
        }
    }

    private sealed record PendingCommit(
        StoreContent Content,
        IReadOnlyList<(string Table, byte[] Key, byte[]? Value)> Changes,
        TaskCompletionSource End
    );
}
