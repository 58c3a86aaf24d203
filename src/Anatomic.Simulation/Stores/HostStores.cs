using Anatomic.World;

namespace Anatomic.Simulation.Stores;

/// <summary>The durable contents of a host's named stores, which survive crashes.</summary>
public sealed class HostStores
{
    private readonly SortedDictionary<string, StoreContent> stores = new(StringComparer.Ordinal);

    internal HostStores() { }

    /// <summary>Names of all stores that were ever opened.</summary>
    public IReadOnlyCollection<string> Names => stores.Keys;

    /// <summary>The rows of a table. No time passes; for assertions.</summary>
    public IReadOnlyList<StoreRow> Peek(string store, string table) =>
        stores.TryGetValue(store, out var content) ? content.List(table, default, int.MaxValue) : [];

    /// <summary>Writes a row durably, as an operator who restores a backup. No time passes.</summary>
    public void Place(string store, string table, byte[] key, byte[] value) => Get(store).Apply([(table, key, value)]);

    /// <summary>Deletes a row, to simulate damage. No time passes.</summary>
    public void Delete(string store, string table, byte[] key) => Get(store).Apply([(table, key, null)]);

    /// <summary>Deletes all stores.</summary>
    public void Wipe() => stores.Clear();

    internal StoreContent Get(string name)
    {
        if (!stores.TryGetValue(name, out var content))
        {
            content = stores[name] = new StoreContent();
        }
        return content;
    }
}

/// <summary>The durable tables of one store.</summary>
internal sealed class StoreContent
{
    private static readonly Comparer<byte[]> Bytewise = Comparer<byte[]>.Create(
        static (left, right) => left.AsSpan().SequenceCompareTo(right)
    );
    private readonly SortedDictionary<string, SortedList<byte[], byte[]>> tables = new(StringComparer.Ordinal);

    public byte[]? Get(string table, ReadOnlyMemory<byte> key) =>
        tables.TryGetValue(table, out var rows) ? rows.GetValueOrDefault(key.ToArray()) : null;

    public IReadOnlyList<StoreRow> List(string table, ReadOnlyMemory<byte> after, int limit)
    {
        if (!tables.TryGetValue(table, out var rows))
        {
            return [];
        }
        var found = new List<StoreRow>();
        for (var at = FirstAfter(rows, after.Span); at < rows.Count && found.Count < limit; at++)
        {
            found.Add(new StoreRow(rows.Keys[at], rows.Values[at]));
        }
        return found;
    }

    public void Apply(IReadOnlyList<(string Table, byte[] Key, byte[]? Value)> changes)
    {
        foreach (var (table, key, value) in changes)
        {
            if (!tables.TryGetValue(table, out var rows))
            {
                rows = tables[table] = new SortedList<byte[], byte[]>(Bytewise);
            }
            if (value is null)
            {
                rows.Remove(key);
            }
            else
            {
                rows[key] = value;
            }
        }
    }

    private static int FirstAfter(SortedList<byte[], byte[]> rows, ReadOnlySpan<byte> after)
    {
        if (after.IsEmpty)
        {
            return 0;
        }
        var (low, high) = (0, rows.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = rows.Keys[middle].AsSpan().SequenceCompareTo(after) > 0 ? (low, middle) : (middle + 1, high);
        }
        return low;
    }
}
