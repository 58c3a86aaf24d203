using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Resume;

/// <summary>
/// Stores durably which pieces we have of each torrent. The data is valid even after a crash: only flushed pieces are
/// saved, and files that changed since are checked again.
/// </summary>
public sealed class ResumeStore : IAsyncDisposable
{
    private const string Table = "resume";

    private readonly IStore store;

    private ResumeStore(IStore store) => this.store = store;

    /// <summary>Opens the store with the name (<see cref="IStores.OpenAsync"/>).</summary>
    public static async ValueTask<ResumeStore> OpenAsync(IStores stores, string name, CancellationToken stop) =>
        new(await stores.OpenAsync(name, stop));

    /// <summary>
    /// Loads the resume data of a torrent; null when there is none, or it does not fit the torrent. Files whose length
    /// or last write time has changed are not trusted; their pieces are in <see cref="ResumeData.PiecesToCheck"/>.
    /// </summary>
    public async ValueTask<ResumeData?> LoadAsync(TorrentStorage storage, CancellationToken stop)
    {
        var record = await store.GetAsync(Table, KeyOf(storage), stop);
        return record is null ? null : ResumeRecord.Read(record, storage);
    }

    /// <summary>
    /// Flushes the storage, then saves <paramref name="have"/>, as it was at the call, in one commit. Every piece in it
    /// must have been written before the call.
    /// </summary>
    public async ValueTask SaveAsync(TorrentStorage storage, PieceSet have, CancellationToken stop)
    {
        var saved = have.Clone();
        await storage.FlushAsync(stop);
        var record = ResumeRecord.Write(storage, saved);
        await store.CommitAsync(new StoreBatch().Put(Table, KeyOf(storage), record), stop);
    }

    /// <summary>Deletes the resume data of a torrent, by the first of its swarm ids.</summary>
    public ValueTask DeleteAsync(Hash20 swarm, CancellationToken stop) =>
        store.CommitAsync(new StoreBatch().Delete(Table, swarm.ToArray()), stop);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private static byte[] KeyOf(TorrentStorage storage) => storage.Info.SwarmIds[0].ToArray();
}

/// <summary>The resume data of a torrent.</summary>
/// <param name="HavePieces">The pieces we certainly have.</param>
/// <param name="PiecesToCheck">
/// The pieces of files that changed since; check them again with <see cref="Hashing.DataCheck"/>.
/// </param>
public sealed record ResumeData(PieceSet HavePieces, PieceSet PiecesToCheck);
