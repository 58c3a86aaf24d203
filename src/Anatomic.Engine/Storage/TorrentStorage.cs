using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Storage;

/// <summary>
/// Reads and writes a torrent's data, the piece space, in its files. Does not check hashes: callers write only verified
/// pieces. Called from one loop; reads and writes may run at the same time. Fails with <see cref="DiskException"/>.
/// </summary>
/// <remarks>
/// File names come cleaned from the torrent's metainfo (<c>PathCleaner</c> in Anatomic.Wire,
/// <see cref="TorrentFile.Path"/>). This class only joins them to <see cref="Root"/>.
/// </remarks>
public sealed class TorrentStorage : IAsyncDisposable
{
    private readonly IDisk disk;
    private readonly FilePool pool;
    private readonly string?[] paths;
    private readonly SortedSet<int> dirty = [];
    private Task flushing = Task.CompletedTask;

    /// <param name="root">The absolute path of the torrent's own file or folder; see <see cref="RootOf"/>.</param>
    /// <param name="maxOpenFiles">
    /// The number of files kept open, at least 1, default 64. The least recently used one is closed first.
    /// </param>
    public TorrentStorage(IDisk disk, TorrentInfo info, string root, int maxOpenFiles = EngineLimits.MaxOpenFiles)
        : this(disk, info, root, new string?[info.Files.Count], maxOpenFiles) { }

    /// <summary>
    /// Uses the given absolute paths, by <see cref="TorrentFile.Index"/>; null: the torrent's cleaned path.
    /// </summary>
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

    /// <summary>The torrent.</summary>
    public TorrentInfo Info { get; }

    /// <summary>The absolute path of the torrent's own file or folder.</summary>
    public string Root { get; }

    /// <summary>
    /// The path of a torrent below a download folder: <c>folder/name</c>, with the cleaned name. With a disk, a folder
    /// with the original name is preferred if only that exists, as it does at the torrent's creator.
    /// </summary>
    public static string RootOf(string folder, TorrentInfo info, IDisk? disk = null)
    {
        var root = Path.Combine(folder, info.Name);
        if (disk?.Find(root) is null && info.ContentFiles[0].OriginalPath is { } original)
        {
            var originalRoot = Path.Combine(folder, original[0]);
            return disk?.Find(originalRoot) is null ? root : originalRoot;
        }
        return root;
    }

    /// <summary>
    /// The absolute path of a file: its cleaned path below <see cref="Root"/>, or its original path if only that
    /// exists.
    /// </summary>
    public string PathOf(TorrentFile file)
    {
        if (paths[file.Index] is { } known)
        {
            return known;
        }
        var path = Below(file.Path);
        if (file.OriginalPath is { } original && disk.Find(path) is null && disk.Find(Below(original)) is not null)
        {
            path = Below(original);
        }
        return paths[file.Index] = path;
    }

    /// <summary>The file on disk; null when it does not exist, or a folder is in its place.</summary>
    public DiskEntry? Find(TorrentFile file) => disk.Find(PathOf(file)) is { IsFolder: false } entry ? entry : null;

    /// <summary>
    /// Creates the root folder and the empty files; other files are created with their first piece. Links are not
    /// created, as we cannot guarantee that their target stays inside the root.
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
    /// Reads from the piece space, across files; padding reads as zeros. Returns the number of bytes read, which is
    /// smaller when a file is missing or too short, or the piece space ends.
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
            // After a v2 file there may be a gap up to the next piece.
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
    /// Writes a verified piece, whose segments follow each other from its first byte, with one vectored write per file.
    /// Padding is not written. The data is durable only after <see cref="FlushAsync"/>.
    /// </summary>
    public async ValueTask WritePieceAsync(
        PieceIndex piece,
        IReadOnlyList<ReadOnlyMemory<byte>> segments,
        CancellationToken stop
    )
    {
        var size = Info.PieceSize(piece);
        Invariant.Holds(segments.Sum(segment => (long)segment.Length) == size);
        var offset = (long)piece.Value * Info.PieceLength;
        foreach (var file in Info.FilesIn(offset, size))
        {
            if (file.IsPadding)
            {
                continue;
            }
            var begin = Math.Max(file.Offset, offset);
            var length = (int)(Math.Min(file.End, offset + size) - begin);
            var slice = Segments.Slice(segments, (int)(begin - offset), length);
            dirty.Add(file.Index);
            await pool.UseAsync(
                PathOf(file),
                OpenMode.Write,
                opened => Truncate(opened, file.Length),
                async opened =>
                {
                    await opened.WriteAsync(begin - file.Offset, slice, stop);
                    return 0;
                }
            );
            // A flush that ran during the write may not include it.
            dirty.Add(file.Index);
        }
    }

    /// <summary>
    /// Sets the executable attribute (BEP 47) of files with their full length. Failures are ignored: not every disk
    /// supports the attribute, and the data is valid without it.
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
                // See above.
            }
        }
    }

    /// <summary>Makes every piece durable whose write completed before the call.</summary>
    public async ValueTask FlushAsync(CancellationToken stop)
    {
        var flush = FlushAfterAsync(flushing, stop);
        flushing = flush;
        await flush;
    }

    /// <summary>Closes the files. Data that was not flushed may be lost.</summary>
    public ValueTask DisposeAsync() => pool.DisposeAsync();

    private async Task FlushAfterAsync(Task previous, CancellationToken stop)
    {
        // Wait for the previous flush: only then are its files clean, or dirty again if it failed.
        try
        {
            await previous;
        }
        catch (Exception)
        {
            // Reported to its own caller.
        }
        var files = dirty.ToArray();
        dirty.Clear();
        var flushed = 0;
        try
        {
            for (; flushed < files.Length; flushed++)
            {
                await pool.UseAsync(
                    PathOf(Info.Files[files[flushed]]),
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
            dirty.UnionWith(files[flushed..]);
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

    /// <summary>Removes excess data from an existing file that is longer than the torrent's.</summary>
    private static void Truncate(IFile file, long length)
    {
        if (file.Length > length)
        {
            file.SetLength(length);
        }
    }

    private string Below(IReadOnlyList<string> path) => Path.Combine([Root, .. path.Skip(1)]);
}
