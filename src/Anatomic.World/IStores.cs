namespace Anatomic.World;

/// <summary>
/// Named durable stores. On a machine each is a SQLite database (WAL, synchronous=FULL, one writer). In the simulation
/// a crash keeps every acknowledged commit and a seeded part of the others.
/// </summary>
public interface IStores
{
    /// <param name="name">Letters, digits and dashes; the name of a database in the state folder.</param>
    ValueTask<IStore> OpenAsync(string name, CancellationToken stop);
}

/// <summary>
/// A store with tables of rows, sorted by key in byte order. Failures are <see cref="DiskException"/>.
/// </summary>
public interface IStore : IAsyncDisposable
{
    ValueTask<byte[]?> GetAsync(string table, ReadOnlyMemory<byte> key, CancellationToken stop);

    /// <summary>
    /// At most <paramref name="limit"/> rows with keys after <paramref name="after"/>; an empty key starts at the first
    /// row.
    /// </summary>
    ValueTask<IReadOnlyList<StoreRow>> ListAsync(
        string table,
        ReadOnlyMemory<byte> after,
        int limit,
        CancellationToken stop
    );

    /// <summary>Applies all changes or none; returns once they are durable.</summary>
    ValueTask CommitAsync(StoreBatch batch, CancellationToken stop);
}

public readonly record struct StoreRow(byte[] Key, byte[] Value);

/// <summary>Changes that become durable together. Table names consist of lower-case letters.</summary>
public sealed class StoreBatch
{
    private readonly List<StoreChange> changes = [];

    public IReadOnlyList<StoreChange> Changes => changes;

    public StoreBatch Put(string table, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value)
    {
        changes.Add(new StoreChange(table, key, value));
        return this;
    }

    public StoreBatch Delete(string table, ReadOnlyMemory<byte> key)
    {
        changes.Add(new StoreChange(table, key, null));
        return this;
    }
}

/// <param name="Key">The row's key.</param>
/// <param name="Value">The new value; null deletes the row.</param>
public readonly record struct StoreChange(string Table, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte>? Value);
