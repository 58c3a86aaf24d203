using Anatomic.World;

namespace Anatomic.Engine.Tests;

/// <summary>Stores in memory.</summary>
internal sealed class MemoryStores : IStores
{
    private readonly SortedDictionary<string, SortedDictionary<string, byte[]>> stores = new(StringComparer.Ordinal);

    /// <summary>Called before each commit.</summary>
    public Action? BeforeCommit { get; set; }

    public ValueTask<IStore> OpenAsync(string name, CancellationToken stop)
    {
        if (!stores.TryGetValue(name, out var rows))
        {
            stores.Add(name, rows = new(StringComparer.Ordinal));
        }
        return ValueTask.FromResult<IStore>(new Store(this, rows));
    }

    private sealed class Store(MemoryStores owner, SortedDictionary<string, byte[]> rows) : IStore
    {
        public ValueTask<byte[]?> GetAsync(string table, ReadOnlyMemory<byte> key, CancellationToken stop) =>
            ValueTask.FromResult(rows.GetValueOrDefault(KeyOf(table, key)));

        public ValueTask<IReadOnlyList<StoreRow>> ListAsync(
            string table,
            ReadOnlyMemory<byte> after,
            int limit,
            CancellationToken stop
        )
        {
            var start = KeyOf(table, after);
            IReadOnlyList<StoreRow> found =
            [
                .. rows.Where(row =>
                        row.Key.StartsWith($"{table}/", StringComparison.Ordinal)
                        && string.CompareOrdinal(row.Key, start) > 0
                    )
                    .Take(limit)
                    .Select(row => new StoreRow(Convert.FromHexString(row.Key[(table.Length + 1)..]), row.Value)),
            ];
            return ValueTask.FromResult(found);
        }

        public ValueTask CommitAsync(StoreBatch batch, CancellationToken stop)
        {
            owner.BeforeCommit?.Invoke();
            foreach (var change in batch.Changes)
            {
                rows.Remove(KeyOf(change.Table, change.Key));
                if (change.Value is { } value)
                {
                    rows.Add(KeyOf(change.Table, change.Key), value.ToArray());
                }
            }
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static string KeyOf(string table, ReadOnlyMemory<byte> key) =>
            $"{table}/{Convert.ToHexString(key.Span)}";
    }
}
