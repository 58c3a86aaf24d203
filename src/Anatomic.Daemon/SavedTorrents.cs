using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Daemon;

/// <summary>
/// The durable list of the client's torrents. A torrent whose save was acknowledged survives any crash, in its last
/// acknowledged state.
/// </summary>
public sealed class SavedTorrents : IAsyncDisposable
{
    private const string Table = "torrents";
    private const int PageRows = 256;
    private readonly IStore store;

    private SavedTorrents(IStore store) => this.store = store;

    /// <summary>Opens the store <c>client</c> of the world.</summary>
    /// <exception cref="DiskException">The store is in use, damaged or inaccessible; the message says why.</exception>
    public static async Task<SavedTorrents> OpenAsync(IWorld world, CancellationToken stop) =>
        new(await world.Stores.OpenAsync("client", stop));

    /// <summary>Adds or replaces a torrent; returns once that is durable.</summary>
    public async Task SaveAsync(SavedTorrent torrent, CancellationToken stop) =>
        await store.CommitAsync(new StoreBatch().Put(Table, torrent.Id.ToArray(), torrent.Write()), stop);

    /// <summary>Removes a torrent if it exists; returns once that is durable.</summary>
    public async Task RemoveAsync(Hash20 id, CancellationToken stop) =>
        await store.CommitAsync(new StoreBatch().Delete(Table, id.ToArray()), stop);

    /// <summary>
    /// Lists all torrents in the order of their ids. Invalid entries are reported and stay in the store.
    /// </summary>
    /// <param name="onInvalid">Called for each invalid entry; the others are still returned.</param>
    public async Task<IReadOnlyList<SavedTorrent>> ListAsync(Action<Hash20, Fault> onInvalid, CancellationToken stop)
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
                    onInvalid(id, fault);
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
