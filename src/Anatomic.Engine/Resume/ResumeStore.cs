using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Resume;

/// <summary>
/// Remembers which pieces of which torrents are had, durably. What is read back is never wrong, whenever the process died: only
/// flushed pieces are saved, and files that look different from then are checked again.
/// </summary>
public sealed class ResumeStore : IAsyncDisposable
{
    private const string Table = "resume";

    private readonly IStore store;

    private ResumeStore(IStore store) => this.store = store;

    /// <summary>Opens the store of that name (<see cref="IStores.OpenAsync"/>).</summary>
    public static async ValueTask<ResumeStore> OpenAsync(IStores stores, string name, CancellationToken stop) =>
        new(await stores.OpenAsync(name, stop));

    /// <summary>
    /// What is had, as far as the files on disk are still those that were saved (length and time of the last write); null when
    /// nothing is remembered or it does not fit the torrent. <see cref="ResumeData.ToCheck"/> says what has to be hashed again.
    /// </summary>
    public async ValueTask<ResumeData?> LoadAsync(TorrentStorage storage, CancellationToken stop)
    {
        var record = await store.GetAsync(Table, KeyOf(storage), stop);
        return record is null ? null : ResumeRecord.Read(record, storage);
    }

    /// <summary>
    /// Flushes the storage, then remembers <paramref name="had"/> as it was at the call, with the facts of the files, in one
    /// commit. Every piece in it must have been written before the call.
    /// </summary>
    public async ValueTask SaveAsync(TorrentStorage storage, PieceSet had, CancellationToken stop)
    {
        var saved = had.Clone();
        await storage.FlushAsync(stop);
        var record = ResumeRecord.Write(storage, saved);
        await store.CommitAsync(new StoreBatch().Put(Table, KeyOf(storage), record), stop);
    }

    /// <summary>Forgets a torrent, by the first of its swarm ids.</summary>
    public ValueTask DeleteAsync(Hash20 swarm, CancellationToken stop) =>
        store.CommitAsync(new StoreBatch().Delete(Table, swarm.ToArray()), stop);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private static byte[] KeyOf(TorrentStorage storage) => storage.Info.SwarmIds[0].ToArray();
}

/// <param name="Had">Pieces that are had for certain.</param>
/// <param name="ToCheck">Pieces of files that changed since: hash them again (<see cref="Hashing.DataCheck"/>).</param>
public sealed record ResumeData(PieceSet Had, PieceSet ToCheck);
