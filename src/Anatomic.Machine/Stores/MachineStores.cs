using Anatomic.World;

namespace Anatomic.Machine.Stores;

/// <summary>SQLite databases in the state folder, each open at most once on the whole machine.</summary>
internal sealed class MachineStores(string folder) : IStores, IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly List<SqliteStore> open = [];

    static MachineStores() => SQLitePCL.Batteries_V2.Init();

    public async ValueTask<IStore> OpenAsync(string name, CancellationToken stop)
    {
        if (name.Length == 0 || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        {
            throw new ArgumentException("The name of a store consists of letters, digits and dashes.", nameof(name));
        }
        var store = await Task.Run(() => SqliteStore.Open(folder, name, Forget), stop).ConfigureAwait(false);
        lock (gate)
        {
            open.Add(store);
        }
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        SqliteStore[] left;
        lock (gate)
        {
            left = [.. open];
        }
        foreach (var store in left)
        {
            await store.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Forget(SqliteStore store)
    {
        lock (gate)
        {
            open.Remove(store);
        }
    }
}
