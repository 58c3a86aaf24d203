namespace Anatomic.World;

/// <summary>
/// Named durable stores of ordered tables. On a machine each is one SQLite database (WAL, synchronous=FULL, one writer); in the
/// simulation a crash keeps every acknowledged commit and a seeded part of the others.
/// </summary>
public interface IStores
{
    /// <param name="name">A short name of letters, digits and dashes; a file or database of that name in the state folder.</param>
    ValueTask<IStore> OpenAsync(string name, CancellationToken stop);
}

/// <summary>One store. Keys are ordered bytewise. Failures are <see cref="DiskException"/>.</summary>
public interface IStore : IAsyncDisposable
{
    ValueTask<byte[]?> GetAsync(string table, ReadOnlyMemory<byte> key, CancellationToken stop);

    /// <summary>At most <paramref name="limit"/> rows with keys strictly after <paramref name="after"/> (empty: from the first).</summary>
    ValueTask<IReadOnlyList<StoreRow>> ListAsync(
        string table,
        ReadOnlyMemory<byte> after,
        int limit,
        CancellationToken stop
    );

    /// <summary>All changes or none; returns only after they are durable.</summary>
    ValueTask CommitAsync(StoreBatch batch, CancellationToken stop);
}

public readonly record struct StoreRow(byte[] Key, byte[] Value);

/// <summary>Changes that become durable together. Table names are short identifiers of lower-case letters.</summary>
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

/// <param name="Table">The table.</param>
/// <param name="Key">The row.</param>
/// <param name="Value">The new value; null: the row is deleted.</param>
public readonly record struct StoreChange(string Table, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte>? Value);
