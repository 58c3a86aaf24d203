using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Resume;

/// <summary>
/// Remembers which pieces of which torrents are had, durably. Save only pieces whose data was flushed
/// (<see cref="TorrentStorage.FlushAsync"/>): what is read back is then never wrong, whenever the process dies.
/// </summary>
public sealed class ResumeStore : IAsyncDisposable
{
    private ResumeStore() { }

    /// <summary>Opens the store of that name (<see cref="IStores.OpenAsync"/>).</summary>
    public static ValueTask<ResumeStore> OpenAsync(IStores stores, string name, CancellationToken stop) =>
        throw new NotSupportedException();

    /// <summary>
    /// What is had, as far as the files on disk are still those that were saved (length and time of the last write); null when
    /// nothing is remembered or it does not fit the torrent. <see cref="Resumed.ToCheck"/> says what has to be hashed again.
    /// </summary>
    public ValueTask<Resumed?> LoadAsync(TorrentStorage storage, CancellationToken stop) =>
        throw new NotSupportedException();

    /// <summary>
    /// Flushes the storage, then remembers <paramref name="had"/> as it stood before the flush, with the facts of the files: one commit.
    /// </summary>
    public ValueTask SaveAsync(TorrentStorage storage, PieceSet had, CancellationToken stop) =>
        throw new NotSupportedException();

    public ValueTask ForgetAsync(Hash20 swarm, CancellationToken stop) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => throw new NotSupportedException();
}

/// <param name="Had">Pieces that are had for certain.</param>
/// <param name="ToCheck">Pieces of files that changed since: hash them again (<see cref="Hashing.DataCheck"/>).</param>
public sealed record Resumed(PieceSet Had, PieceSet ToCheck);
