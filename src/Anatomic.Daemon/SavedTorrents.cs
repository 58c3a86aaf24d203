using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Daemon;

/// <summary>
/// What the client's service is to do, kept durably: a torrent that was added and acknowledged is there after any crash, in the
/// state that was acknowledged last.
/// </summary>
public sealed class SavedTorrents : IAsyncDisposable
{
    private const string Table = "torrents";
    private const int PageRows = 256;
    private readonly IStore store;

    private SavedTorrents(IStore store) => this.store = store;

    /// <summary>Opens the store <c>client</c> of this world.</summary>
    /// <exception cref="DiskException">It is in use, broken, or not allowed; the message says what to do.</exception>
    public static async Task<SavedTorrents> OpenAsync(IWorld world, CancellationToken stop) =>
        new(await world.Stores.OpenAsync("client", stop));

    /// <summary>Adds a torrent, or replaces what was saved of it; returns once that is durable.</summary>
    public async Task SaveAsync(SavedTorrent torrent, CancellationToken stop) =>
        await store.CommitAsync(new StoreBatch().Put(Table, torrent.Id.ToArray(), torrent.Write()), stop);

    /// <summary>Nothing happens when it is not there.</summary>
    public async Task RemoveAsync(Hash20 id, CancellationToken stop) =>
        await store.CommitAsync(new StoreBatch().Delete(Table, id.ToArray()), stop);

    /// <summary>All of them, in the order of their ids. What cannot be read is left where it is and told.</summary>
    /// <param name="unreadable">Hears of each entry that cannot be read; the others are returned all the same.</param>
    public async Task<IReadOnlyList<SavedTorrent>> ListAsync(Action<Hash20, Fault> unreadable, CancellationToken stop)
    {
        var torrents = new List<SavedTorrent>();
        ReadOnlyMemory<byte> after = default;
        while (true)
        {
            var rows = await store.ListAsync(Table, after, PageRows, stop);
            foreach (var row in rows)
            {
                var id = new Hash20(row.Key);
                if (SavedTorrent.TryRead(id, row.Value, out var torrent, out var fault))
                {
                    torrents.Add(torrent);
                }
                else
                {
                    unreadable(id, fault);
                }
            }
            if (rows.Count < PageRows)
            {
                return torrents;
            }
            after = rows[^1].Key;
        }
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();
}
