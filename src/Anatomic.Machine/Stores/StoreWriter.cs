using System.Collections.Concurrent;
using Anatomic.Machine.Configuration;
using Anatomic.World;
using Microsoft.Data.Sqlite;

namespace Anatomic.Machine.Stores;

/// <summary>The thread that writes a store. All waiting commits become one transaction and share its fsync.</summary>
internal sealed class StoreWriter : IDisposable
{
    private readonly string path;
    private readonly StoreStatements statements;
    private readonly ConcurrentDictionary<string, bool> tables;
    private readonly BlockingCollection<Waiting> queue = [];
    private readonly Thread thread;

    public StoreWriter(string path, SqliteConnection connection, ConcurrentDictionary<string, bool> tables)
    {
        this.path = path;
        this.tables = tables;
        statements = new StoreStatements(connection);
        thread = new Thread(Serve) { Name = "store writer", IsBackground = true };
        thread.Start();
    }

    public Task CommitAsync(StoreBatch batch)
    {
        // The caller may change its batch afterwards; this copy is committed.
        var waiting = new Waiting([.. batch.Changes]);
        try
        {
            queue.Add(waiting);
        }
        catch (InvalidOperationException)
        {
            waiting.Done.SetException(new ObjectDisposedException(path, "The store is closed."));
        }
        return waiting.Done.Task;
    }

    /// <summary>Returns once everything queued is durable.</summary>
    public void Dispose()
    {
        queue.CompleteAdding();
        thread.Join();
        statements.Dispose();
    }

    private void Serve()
    {
        var group = new List<Waiting>();
        foreach (var first in queue.GetConsumingEnumerable())
        {
            group.Add(first);
            while (group.Count < MachineLimits.CommitGroup && queue.TryTake(out var next))
            {
                group.Add(next);
            }
            Write(group);
            group.Clear();
        }
    }

    private void Write(List<Waiting> group)
    {
        var created = new List<string>();
        try
        {
            statements.Begin();
            foreach (var waiting in group)
            {
                foreach (var change in waiting.Changes)
                {
                    if (!tables.ContainsKey(change.Table) && !created.Contains(change.Table))
                    {
                        statements.CreateTable(change.Table);
                        created.Add(change.Table);
                    }
                    statements.Apply(change);
                }
            }
            statements.Commit();
        }
        catch (Exception cause)
        {
            statements.RollBack();
            var fault = cause is SqliteException known ? StoreErrors.Of(path, known) : cause;
            group.ForEach(waiting => waiting.Done.SetException(fault));
            return;
        }
        created.ForEach(table => tables[table] = true);
        group.ForEach(static waiting => waiting.Done.SetResult());
    }

    private sealed class Waiting(StoreChange[] changes)
    {
        public StoreChange[] Changes { get; } = changes;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
