using System.Collections.Concurrent;
using Anatomic.Machine.Disk;
using Anatomic.World;
using Microsoft.Data.Sqlite;

namespace Anatomic.Machine.Stores;

/// <summary>
/// One database with two owners: a thread that writes, several commits in one transaction, and a thread that reads beside it
/// from the last durable state, which is what SQLite's write-ahead log is for.
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
        var mine = StoreLock.Take(path);
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
                    $"'{change.Table}' is no name of a table: lower-case letters only.",
                    nameof(batch)
                );
            }
        }
        stop.ThrowIfCancellationRequested();
        // Once queued it is on its way: giving up the wait would leave the caller not knowing.
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
