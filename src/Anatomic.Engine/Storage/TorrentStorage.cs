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
    private readonly IDisk disk;
    private readonly FilePool pool;
    private readonly string?[] paths;
    private readonly SortedSet<int> dirty = [];
    private Task flushing = Task.CompletedTask;

    /// <param name="disk">The disk.</param>
    /// <param name="info">The torrent.</param>
    /// <param name="root">The torrent's file or folder itself, absolute; see <see cref="RootOf"/>.</param>
    /// <param name="maxOpenFiles">Files kept open, least recently used closed first; at least 1, default 64.</param>
    public TorrentStorage(IDisk disk, TorrentInfo info, string root, int maxOpenFiles = 64)
        : this(disk, info, root, new string?[info.Files.Count], maxOpenFiles) { }

    /// <summary>With the absolute paths of the files, by <see cref="TorrentFile.Index"/>; null: the torrent's own path.</summary>
    internal TorrentStorage(IDisk disk, TorrentInfo info, string root, string?[] paths, int maxOpenFiles)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxOpenFiles);
        Invariant.Holds(paths.Length == info.Files.Count);
        this.disk = disk;
        this.paths = paths;
        pool = new FilePool(disk, maxOpenFiles);
        Info = info;
        Root = root;
    }

    public TorrentInfo Info { get; }

    /// <summary>The torrent's file or folder itself, absolute.</summary>
    public string Root { get; }

    /// <summary>
    /// Where a torrent lies below a download folder: <c>folder/name</c>. With a disk, a seeder's own folder is found, too, when
    /// its name is one that not every disk takes.
    /// </summary>
    public static string RootOf(string folder, TorrentInfo info, IDisk? disk = null)
    {
        var root = Path.Combine(folder, info.Name);
        if (disk?.Find(root) is null && info.ContentFiles[0].OriginalPath is { } written)
        {
            var asWritten = Path.Combine(folder, written[0]);
            return disk?.Find(asWritten) is null ? root : asWritten;
        }
        return root;
    }

    /// <summary>The absolute path of a file of the torrent.</summary>
    public string PathOf(TorrentFile file)
    {
        if (paths[file.Index] is { } known)
        {
            return known;
        }
        var path = Below(file.Path);
        if (file.OriginalPath is { } written && disk.Find(path) is null && disk.Find(Below(written)) is not null)
        {
            path = Below(written);
        }
        return paths[file.Index] = path;
    }

    /// <summary>What is on disk for a file; null when there is nothing, or a folder in its place.</summary>
    public DiskEntry? Find(TorrentFile file) => disk.Find(PathOf(file)) is { IsFolder: false } entry ? entry : null;

    /// <summary>
    /// Makes the folders and the empty files; other files come into being with their first piece. Links are not made: a disk
    /// cannot promise that what they lead to stays inside.
    /// </summary>
    public async ValueTask PrepareAsync(CancellationToken stop)
    {
        if (!Info.IsSingleFile)
        {
            disk.CreateFolder(Root);
        }
        foreach (var file in Info.ContentFiles)
        {
            if (file.Length == 0 && file.LinkTarget is null && disk.Find(PathOf(file)) is null)
            {
                await using var made = await disk.OpenAsync(PathOf(file), OpenMode.Write, stop);
            }
        }
    }

    /// <summary>
    /// Reads from the piece space, across files; padding reads as zeros. Returns the bytes read: fewer than asked where a file
    /// is missing or ends early, or the piece space ends.
    /// </summary>
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> into, CancellationToken stop)
    {
        into = into[..(int)Math.Clamp(Info.SpaceLength - offset, 0, into.Length)];
        var done = 0;
        foreach (var file in Info.FilesIn(offset, into.Length))
        {
            var begin = Math.Max(file.Offset, offset);
            var length = (int)(Math.Min(file.End, offset + into.Length) - begin);
            var at = (int)(begin - offset);
            // Behind a v2 file there may be a gap up to the next piece.
            into.Span[done..at].Clear();
            done = at;
            if (file.IsPadding)
            {
                into.Span.Slice(at, length).Clear();
                done += length;
                continue;
            }
            var read = await ReadFileAsync(file, begin - file.Offset, into.Slice(at, length), stop);
            done += read;
            if (read < length)
            {
                return done;
            }
        }
        into.Span[done..].Clear();
        return into.Length;
    }

    /// <summary>
    /// Writes a verified piece, whose parts come one after the other from its first byte: one vectored write for each file that
    /// it touches. Padding is not written. Durable only after <see cref="FlushAsync"/>.
    /// </summary>
    public async ValueTask WritePieceAsync(
        PieceIndex piece,
        IReadOnlyList<ReadOnlyMemory<byte>> parts,
        CancellationToken stop
    )
    {
        var size = Info.PieceSize(piece);
        Invariant.Holds(parts.Sum(part => (long)part.Length) == size);
        var offset = (long)piece.Value * Info.PieceLength;
        foreach (var file in Info.FilesIn(offset, size))
        {
            if (file.IsPadding)
            {
                continue;
            }
            var begin = Math.Max(file.Offset, offset);
            var length = (int)(Math.Min(file.End, offset + size) - begin);
            var slice = Segments.Of(parts, (int)(begin - offset), length);
            dirty.Add(file.Index);
            await pool.UseAsync(
                PathOf(file),
                OpenMode.Write,
                opened => CutOff(opened, file.Length),
                async opened =>
                {
                    await opened.WriteAsync(begin - file.Offset, slice, stop);
                    return 0;
                }
            );
            // A flush during the write may have come too early for it.
            dirty.Add(file.Index);
        }
    }

    /// <summary>
    /// Sets the executable attribute (BEP 47) of the files that are whole in length. Not every disk can keep it, and the
    /// content is right without it: a failure is passed over.
    /// </summary>
    public void SetExecutable()
    {
        foreach (var file in Info.ContentFiles.Where(file => file.IsExecutable))
        {
            try
            {
                if (Find(file) is { IsLink: false, IsExecutable: false } entry && entry.Length == file.Length)
                {
                    disk.SetExecutable(entry.Path);
                }
            }
            catch (DiskException)
            {
                // As said above.
            }
        }
    }

    /// <summary>Returns once every piece whose write had ended before the call is durable.</summary>
    public async ValueTask FlushAsync(CancellationToken stop)
    {
        var mine = FlushAfterAsync(flushing, stop);
        flushing = mine;
        await mine;
    }

    /// <summary>Closes the files; what was not flushed is not promised.</summary>
    public ValueTask DisposeAsync() => pool.DisposeAsync();

    private async Task FlushAfterAsync(Task before, CancellationToken stop)
    {
        // Files that an earlier flush has taken are clean only once it has ended; those it failed on are dirty again.
        try
        {
            await before;
        }
        catch (Exception)
        {
            // Its own caller hears of it.
        }
        var taken = dirty.ToArray();
        dirty.Clear();
        var flushed = 0;
        try
        {
            for (; flushed < taken.Length; flushed++)
            {
                await pool.UseAsync(
                    PathOf(Info.Files[taken[flushed]]),
                    OpenMode.Write,
                    null,
                    async file =>
                    {
                        await file.FlushAsync(stop);
                        return 0;
                    }
                );
            }
        }
        finally
        {
            dirty.UnionWith(taken[flushed..]);
        }
    }

    private async ValueTask<int> ReadFileAsync(TorrentFile file, long offset, Memory<byte> into, CancellationToken stop)
    {
        try
        {
            return await pool.UseAsync(
                PathOf(file),
                OpenMode.Read,
                null,
                opened => opened.ReadAsync(offset, into, stop)
            );
        }
        catch (DiskException missing) when (missing.Kind == DiskFault.NotFound)
        {
            return 0;
        }
    }

    /// <summary>What was behind the end of a file that is downloaded anew is no part of it.</summary>
    private static void CutOff(IFile file, long length)
    {
        if (file.Length > length)
        {
            file.SetLength(length);
        }
    }

    private string Below(IReadOnlyList<string> path) => Path.Combine([Root, .. path.Skip(1)]);
}
