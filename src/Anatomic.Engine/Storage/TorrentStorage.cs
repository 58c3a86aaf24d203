using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Storage;

/// <summary>
/// A torrent's piece space on files. It knows nothing of hashes: only verified pieces may be given to it. One owner calls it,
/// from one loop; reads and writes may be under way at the same time. Failures are <see cref="DiskException"/>.
/// </summary>
public sealed class TorrentStorage : IAsyncDisposable
{
    /// <param name="disk">The disk.</param>
    /// <param name="info">The torrent.</param>
    /// <param name="root">The torrent's file or folder itself, absolute; see <see cref="RootOf"/>.</param>
    /// <param name="maxOpenFiles">Files kept open, least recently used closed first; at least 1, default 64.</param>
    public TorrentStorage(IDisk disk, TorrentInfo info, string root, int maxOpenFiles = 64) =>
        throw new NotSupportedException();

    public TorrentInfo Info => throw new NotSupportedException();

    /// <summary>Where a torrent lies below a download folder: <c>folder/name</c>.</summary>
    public static string RootOf(string folder, TorrentInfo info) => throw new NotSupportedException();

    /// <summary>The absolute path of a file of the torrent.</summary>
    public string PathOf(TorrentFile file) => throw new NotSupportedException();

    /// <summary>What is on disk for a file; null when there is nothing, or a folder in its place.</summary>
    public DiskEntry? Find(TorrentFile file) => throw new NotSupportedException();

    /// <summary>Makes the folders and the empty files; other files come into being with their first piece.</summary>
    public ValueTask PrepareAsync(CancellationToken stop) => throw new NotSupportedException();

    /// <summary>
    /// Reads from the piece space, across files; padding reads as zeros. Returns the bytes read: fewer than asked where a file
    /// is missing or ends early.
    /// </summary>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> into, CancellationToken stop) =>
        throw new NotSupportedException();

    /// <summary>
    /// Writes a verified piece, whose parts come one after the other from its first byte: one vectored write for each file that
    /// it touches. Padding is not written. Durable only after <see cref="FlushAsync"/>.
    /// </summary>
    public ValueTask WritePieceAsync(
        PieceIndex piece,
        IReadOnlyList<ReadOnlyMemory<byte>> parts,
        CancellationToken stop
    ) => throw new NotSupportedException();

    /// <summary>Returns once every piece whose write had ended before the call is durable.</summary>
    public ValueTask FlushAsync(CancellationToken stop) => throw new NotSupportedException();

    /// <summary>Closes the files; what was not flushed is not promised.</summary>
    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
