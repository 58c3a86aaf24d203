using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Anatomic.Machine.Stores;

/// <summary>
/// The thread that reads a store. Every read starts a new snapshot, so it sees all commits acknowledged before.
/// </summary>
internal sealed class StoreReader : IDisposable
{
    private readonly string path;
    private readonly StoreStatements statements;
    private readonly BlockingCollection<Action> queue = [];
    private readonly Thread thread;

    public StoreReader(string path, SqliteConnection connection)
    {
        this.path = path;
        statements = new StoreStatements(connection);
        thread = new Thread(Serve) { Name = "store reader", IsBackground = true };
        thread.Start();
    }

    public Task<T> RunAsync<T>(Func<StoreStatements, T> read)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            queue.Add(() => Complete(read, done));
        }
        catch (InvalidOperationException)
        {
            done.SetException(new ObjectDisposedException(path, "The store is closed."));
        }
        return done.Task;
    }

    public void Dispose()
    {
        queue.CompleteAdding();
        thread.Join();
        statements.Dispose();
    }

    private void Serve()
    {
        foreach (var read in queue.GetConsumingEnumerable())
        {
            read();
        }
    }

    private void Complete<T>(Func<StoreStatements, T> read, TaskCompletionSource<T> done)
    {
        try
        {
            done.SetResult(read(statements));
        }
        catch (SqliteException fault)
        {
            done.SetException(StoreErrors.Of(path, fault));
        }
        catch (Exception fault)
        {
            done.SetException(fault);
        }
    }
}
