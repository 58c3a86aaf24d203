using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Storage;

/// <summary>
/// Reads and writes a torrent's data, the piece space, in the files of its <see cref="Layout"/>. Does not check hashes:
/// callers write only verified pieces. Called from one loop; reads and writes may run at the same time. Fails with
/// <see cref="DiskException"/>.
/// </summary>
public sealed class TorrentStorage : IAsyncDisposable
{
    private readonly FilePool pool;
    private readonly PartFile parts;
    private readonly StorageGate gate = new();
    private readonly FilePresence[] presence;
    private readonly SortedSet<int> dirty = [];
    private bool partsAreDirty;
    private Task flushing = Task.CompletedTask;

    /// <param name="maxOpenFiles">Files kept open, at least 1; the least recently used one is closed.</param>
    public TorrentStorage(
        IDisk disk,
        TorrentInfo info,
        StorageLayout layout,
        int maxOpenFiles = EngineLimits.MaxOpenFilesAlone
    )
        : this(new FilePool(disk, maxOpenFiles), info, layout) { }

    internal TorrentStorage(FilePool pool, TorrentInfo info, StorageLayout layout)
    {
        this.pool = pool;
        Info = info;
        Layout = layout;
        presence = new FilePresence[info.Files.Count];
        parts = new PartFile(this, pool);
    }

    /// <summary>What is known of a file on disk.</summary>
    private enum FilePresence : byte
    {
        Unknown,
        Missing,
        Present,
        Written,
    }

    /// <summary>The torrent.</summary>
    public TorrentInfo Info { get; }

    /// <summary>Where the files are. It changes when the data is moved, renamed, or wanted.</summary>
    public StorageLayout Layout { get; internal set; }

    /// <summary>Called before data is written, so that a crash can be told from a change by somebody else.</summary>
    internal Func<CancellationToken, ValueTask>? Writing { get; set; }

    /// <summary>When <see cref="Writing"/> was last recorded; null: not since the last save.</summary>
    internal DateTimeOffset? MarkedAt { get; set; }

    internal IDisk Disk => pool.Disk;

    internal PartFile Parts => parts;

    internal StorageGate Gate => gate;

    /// <summary>The absolute path of a file.</summary>
    public string PathOf(TorrentFile file) => Layout.PathOf(file).Full;

    /// <summary>
    /// Looks at all files without padding, in the torrent's order. An entry is null for a missing file and for a folder
    /// in its place. From now on, no file that is missing is taken from somebody else, and no other is created again.
    /// </summary>
    public async ValueTask<IReadOnlyList<DiskEntry?>> FindFilesAsync(CancellationToken stop)
    {
        var entries = await FindAsync(stop);
        for (var i = 0; i < entries.Count; i++)
        {
            presence[Info.ContentFiles[i].Index] = entries[i] is null ? FilePresence.Missing : FilePresence.Present;
        }
        return entries;
    }

    /// <summary>
    /// The same while the torrent is active. A file that was there and is gone is an error: its pieces are lost.
    /// </summary>
    internal async ValueTask<IReadOnlyList<DiskEntry?>> FindKnownFilesAsync(CancellationToken stop)
    {
        var entries = await FindAsync(stop);
        for (var i = 0; i < entries.Count; i++)
        {
            var file = Info.ContentFiles[i];
            if (entries[i] is null && presence[file.Index] >= FilePresence.Present && !Layout.IsInParts(file))
            {
                throw Removed(file);
            }
        }
        return entries;
    }

    /// <summary>
    /// Reads from the piece space, across files; padding reads as zeros. What is missing on disk reads as zeros too,
    /// and is in the result.
    /// </summary>
    public async ValueTask<DataHoles> ReadAsync(long offset, Memory<byte> into, CancellationToken stop)
    {
        into = into[..(int)Math.Clamp(Info.SpaceLength - offset, 0, into.Length)];
        var holes = default(DataHoles);
        var done = 0;
        await gate.EnterAsync();
        try
        {
            foreach (var file in Info.FilesIn(offset, into.Length))
            {
                var begin = Math.Max(file.Offset, offset);
                var length = (int)(Math.Min(file.End, offset + into.Length) - begin);
                var at = (int)(begin - offset);
                // After a v2 file there may be a gap up to the next piece.
                into.Span[done..at].Clear();
                done = at + length;
                var part = into.Slice(at, length);
                if (file.IsPadding)
                {
                    part.Span.Clear();
                }
                else if (Layout.IsInParts(file))
                {
                    holes = await ReadPartsAsync(begin, part, holes, stop);
                }
                else
                {
                    var read = await ReadFileAsync(file, begin - file.Offset, part, stop);
                    if (read < length)
                    {
                        part.Span[read..].Clear();
                        holes = holes.With(begin + read, begin + length);
                    }
                }
            }
            into.Span[done..].Clear();
            return holes;
        }
        finally
        {
            gate.Leave();
        }
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
        if (Writing is { } writing)
        {
            await writing(stop);
        }
        await gate.EnterAsync();
        try
        {
            foreach (var file in Info.FilesIn(offset, size))
            {
                if (file.IsPadding)
                {
                    continue;
                }
                var begin = Math.Max(file.Offset, offset);
                var length = (int)(Math.Min(file.End, offset + size) - begin);
                var slice = Segments.Slice(segments, (int)(begin - offset), length);
                if (Layout.IsInParts(file))
                {
                    await parts.WriteAsync(piece, (int)(begin - offset), slice, stop);
                    partsAreDirty = true;
                }
                else
                {
                    await WriteFileAsync(file, begin - file.Offset, slice, stop);
                }
            }
        }
        finally
        {
            gate.Leave();
        }
    }

    /// <summary>
    /// Sets the executable attribute (BEP 47) of files with their full length. Failures are ignored: not every disk
    /// supports the attribute, and the data is valid without it.
    /// </summary>
    public async ValueTask SetExecutableAsync(CancellationToken stop)
    {
        foreach (var file in Info.ContentFiles.Where(file => file.IsExecutable && !Layout.IsInParts(file)))
        {
            try
            {
                var entry = await Disk.FindAsync(Layout.PathOf(file), stop);
                if (entry is { IsLink: false, IsFolder: false, IsExecutable: false } && entry.Length == file.Length)
                {
                    await Disk.SetExecutableAsync(Layout.PathOf(file), stop);
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
    public ValueTask DisposeAsync() => pool.CloseAsync(this);

    /// <summary>Closes the files, so that they can be moved or deleted.</summary>
    internal ValueTask CloseFilesAsync() => pool.CloseAsync(this);

    /// <summary>Reads a part of a file itself, not of the part file; returns the number of bytes.</summary>
    internal async ValueTask<int> ReadFileAsync(
        TorrentFile file,
        long offset,
        Memory<byte> into,
        CancellationToken stop
    )
    {
        PooledFile opened;
        try
        {
            var writable = new FileKey(this, file.Index, IsWritable: true);
            var key = pool.IsOpen(writable) ? writable : writable with { IsWritable = false };
            opened = await pool.RentAsync(key, Layout.PathOf(file), OpenMode.Read);
        }
        catch (DiskException missing) when (missing.Kind == DiskFault.NotFound)
        {
            return 0;
        }
        try
        {
            return await opened.File!.ReadAsync(offset, into, stop);
        }
        finally
        {
            FilePool.Return(opened);
        }
    }

    /// <summary>Writes to a file itself, not to the part file.</summary>
    internal async ValueTask WriteFileAsync(
        TorrentFile file,
        long offset,
        IReadOnlyList<ReadOnlyMemory<byte>> bytes,
        CancellationToken stop
    )
    {
        dirty.Add(file.Index);
        var opened = await OpenForWritingAsync(file);
        try
        {
            await opened.File!.WriteAsync(offset, bytes, stop);
        }
        finally
        {
            FilePool.Return(opened);
        }
        // A flush that ran during the write may not include it.
        dirty.Add(file.Index);
    }

    /// <summary>Creates an empty file, or cuts one that is longer than the torrent's.</summary>
    internal async ValueTask CutAsync(TorrentFile file, CancellationToken stop)
    {
        var opened = await OpenForWritingAsync(file);
        try
        {
            if (await opened.File!.GetLengthAsync(stop) > file.Length)
            {
                dirty.Add(file.Index);
                await opened.File!.SetLengthAsync(file.Length, stop);
            }
        }
        finally
        {
            FilePool.Return(opened);
        }
    }

    /// <summary>Whether this storage has opened a file to write to it.</summary>
    internal bool HasWritten(TorrentFile file) => presence[file.Index] == FilePresence.Written;

    /// <summary>Makes what was written to a file durable.</summary>
    internal async ValueTask FlushFileAsync(TorrentFile file, CancellationToken stop)
    {
        var opened = await OpenForWritingAsync(file);
        try
        {
            await opened.File!.FlushAsync(stop);
        }
        finally
        {
            FilePool.Return(opened);
        }
    }

    private async ValueTask<IReadOnlyList<DiskEntry?>> FindAsync(CancellationToken stop)
    {
        var found = await Disk.FindAsync([.. Info.ContentFiles.Select(Layout.PathOf)], stop);
        return [.. found.Select(entry => entry is { IsFolder: false } ? entry : null)];
    }

    private async ValueTask<PooledFile> OpenForWritingAsync(TorrentFile file)
    {
        var mode = presence[file.Index] switch
        {
            FilePresence.Present or FilePresence.Written => OpenMode.WriteExisting,
            FilePresence.Missing => OpenMode.CreateNew,
            _ => OpenMode.Write,
        };
        var key = new FileKey(this, file.Index, IsWritable: true);
        try
        {
            var opened = await pool.RentAsync(key, Layout.PathOf(file), mode);
            presence[file.Index] = FilePresence.Written;
            return opened;
        }
        catch (DiskException missing) when (missing.Kind == DiskFault.NotFound && mode == OpenMode.WriteExisting)
        {
            throw Removed(file);
        }
        catch (DiskException exists) when (exists.Kind == DiskFault.Exists)
        {
            throw new DiskException(
                DiskFault.Exists,
                $"{PathOf(file)} appeared after the data was checked: move it away, or check the torrent again",
                exists
            );
        }
    }

    private DiskException Removed(TorrentFile file) =>
        new(
            DiskFault.NotFound,
            $"{PathOf(file)} was removed after the data was checked: put it back, or check the torrent again"
        );

    private async ValueTask<DataHoles> ReadPartsAsync(
        long begin,
        Memory<byte> into,
        DataHoles holes,
        CancellationToken stop
    )
    {
        while (into.Length > 0)
        {
            var piece = new PieceIndex((int)(begin / Info.PieceLength));
            var offset = (int)(begin % Info.PieceLength);
            var length = Math.Min(into.Length, Info.PieceLength - offset);
            if (!await parts.ReadAsync(piece, offset, into[..length], stop))
            {
                into.Span[..length].Clear();
                holes = holes.With(begin, begin + length);
            }
            into = into[length..];
            begin += length;
        }
        return holes;
    }

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
        await gate.EnterAsync();
        var files = dirty.ToArray();
        dirty.Clear();
        var flushed = 0;
        var flushParts = partsAreDirty;
        partsAreDirty = false;
        try
        {
            if (flushParts)
            {
                await parts.FlushAsync(stop);
                flushParts = false;
            }
            for (; flushed < files.Length; flushed++)
            {
                await FlushFileAsync(Info.Files[files[flushed]], stop);
            }
        }
        finally
        {
            dirty.UnionWith(files[flushed..]);
            partsAreDirty |= flushParts;
            gate.Leave();
        }
    }
}
