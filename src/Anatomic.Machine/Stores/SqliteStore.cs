using System.Collections.Concurrent;
using Anatomic.Machine.Disk;
using Anatomic.World;
using Microsoft.Data.Sqlite;

namespace Anatomic.Machine.Stores;

/// <summary>
/// A database with two threads: one writes several commits in one transaction, the other reads the last durable state
/// at the same time, which SQLite's write-ahead log makes possible.
/// </summary>
internal sealed class SqliteStore : IStore
{
    private readonly FileStream held;
    private readonly StoreWriter writer;
    private readonly StoreReader reader;
    private readonly ConcurrentDictionary<string, bool> tables;
    private readonly Action<SqliteStore> closed;
    private int disposed;

    private SqliteStore(string path, FileStream held, SqliteConnection writes, Action<SqliteStore> closed)
    {
        this.held = held;
        this.closed = closed;
        tables = new(SqliteFile.Tables(writes).Select(static name => KeyValuePair.Create(name, true)));
        reader = new StoreReader(path, SqliteFile.OpenReader(path));
        writer = new StoreWriter(path, writes, tables);
    }

    public static SqliteStore Open(string folder, string name, Action<SqliteStore> closed)
    {
        var path = Path.Combine(folder, name + ".db");
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception cause) when (DiskErrors.IsDiskFault(cause))
        {
            throw DiskErrors.Of(folder, cause);
        }
        var mine = StoreLock.Acquire(path);
        SqliteConnection? writes = null;
        try
        {
            SqliteFile.KeepPrivate(path);
            writes = SqliteFile.OpenWriter(path);
            FolderSync.Sync(folder);
            return new SqliteStore(path, mine, writes, closed);
        }
        catch (Exception cause)
        {
            writes?.Dispose();
            mine.Dispose();
            if (cause is SqliteException fault)
            {
                throw StoreErrors.Of(path, fault);
            }
            throw;
        }
    }

    public async ValueTask<byte[]?> GetAsync(string table, ReadOnlyMemory<byte> key, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        return tables.ContainsKey(table)
            ? await reader.RunAsync(statements => statements.Get(table, key)).ConfigureAwait(false)
            : null;
    }

    public async ValueTask<IReadOnlyList<StoreRow>> ListAsync(
        string table,
        ReadOnlyMemory<byte> after,
        int limit,
        CancellationToken stop
    )
    {
        stop.ThrowIfCancellationRequested();
        return tables.ContainsKey(table)
            ? await reader.RunAsync(statements => statements.List(table, after, limit)).ConfigureAwait(false)
            : [];
    }

    public async ValueTask CommitAsync(StoreBatch batch, CancellationToken stop)
    {
        foreach (var change in batch.Changes)
        {
            if (change.Table.Length == 0 || !change.Table.All(char.IsAsciiLetterLower))
            {
                throw new ArgumentException(
                    $"'{change.Table}' is not a valid table name: use lower-case letters only.",
                    nameof(batch)
                );
            }
        }
        stop.ThrowIfCancellationRequested();
        // Not cancellable once queued: the caller could not know whether the commit happened.
        await writer.CommitAsync(batch).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }
        await Task.Run(() =>
            {
                reader.Dispose();
                writer.Dispose();
                held.Dispose();
            })
            .ConfigureAwait(false);
        closed(this);
    }
}
