using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Resume;

/// <summary>
/// Moves a torrent's files from one layout to another: to another folder or volume, or under other names. The move is
/// in the store before the first file moves. Files that have to be copied stay at the old place until the new one is
/// saved. So a move that fails is undone, and one that a crash interrupts goes on at the next start. Other torrents are
/// not affected; reads and writes of this one wait.
/// </summary>
internal sealed class DataMover(TorrentStorage storage, ResumeStore? resume)
{
    private IDisk Disk => storage.Disk;

    /// <summary>Moves the files, then saves the torrent's record with the new layout.</summary>
    /// <param name="to">The new layout, of the same torrent.</param>
    /// <param name="have">Returns the pieces at the end of the move, for the record.</param>
    /// <param name="alongside">Changes to become durable together with the new layout; null: none.</param>
    /// <param name="progress">Called on the caller's loop with the bytes moved and their total.</param>
    /// <param name="stop">Ends the move and undoes it.</param>
    /// <exception cref="EngineException">Something is at the new place already. Nothing was moved.</exception>
    /// <exception cref="DiskException">The disk failed. All files are at the old place.</exception>
    public async Task RunAsync(
        StorageLayout to,
        Func<PieceSet> have,
        StoreBatch? alongside,
        Action<long, long>? progress,
        CancellationToken stop
    )
    {
        // What is written after the flush is not claimed.
        var flushed = have().Clone();
        await storage.FlushAsync(stop);
        await storage.Gate.RunAloneAsync(async () =>
        {
            // A file may have become wanted since the layout was made.
            to = to.WithParts(storage.Layout.InParts);
            var moves = PathsTo(to);
            await ThrowIfTakenAsync(moves, stop);
            if (resume is not null)
            {
                await resume.BeginMoveAsync(storage.Info, storage.Layout, to, stop);
            }
            var done = new List<FileMove>();
            try
            {
                await MoveAsync(moves, done, progress, stop);
            }
            catch
            {
                await UndoAsync(done);
                throw;
            }
            var from = storage.Layout;
            storage.Layout = to;
            if (resume is not null)
            {
                await resume.SaveMovedAsync(storage, flushed, alongside, CancellationToken.None);
            }
            await FinishAsync(from, moves);
        });
    }

    /// <summary>Goes on with a move that a crash interrupted, before the torrent starts.</summary>
    public async Task ContinueAsync(StorageLayout to, CancellationToken stop) =>
        await storage.Gate.RunAloneAsync(async () =>
        {
            await MoveAsync(PathsTo(to), [], progress: null, stop);
            storage.Layout = to;
        });

    /// <summary>Deletes what was left at the old place, once the new one is saved.</summary>
    public Task FinishAsync(StorageLayout from) => FinishAsync(from, PathsBetween(from, storage.Layout));

    private async Task FinishAsync(StorageLayout from, List<FileMove> moves)
    {
        var sources = await Disk.FindAsync([.. moves.Select(move => move.From)], CancellationToken.None);
        var targets = await Disk.FindAsync([.. moves.Select(move => move.To)], CancellationToken.None);
        for (var i = 0; i < moves.Count; i++)
        {
            if (sources[i] is { IsFolder: false } source && targets[i]?.Length >= source.Length)
            {
                await Disk.DeleteAsync(moves[i].From, CancellationToken.None);
            }
        }
        await new StorageCleanup(Disk).DeleteEmptyFoldersAsync(from, storage.Info, CancellationToken.None);
        if (resume is not null)
        {
            await resume.EndMoveAsync(storage.Info, CancellationToken.None);
        }
    }

    private async Task MoveAsync(
        List<FileMove> moves,
        List<FileMove> done,
        Action<long, long>? progress,
        CancellationToken stop
    )
    {
        await storage.CloseFilesAsync();
        var sources = await Disk.FindAsync([.. moves.Select(move => move.From)], stop);
        var targets = await Disk.FindAsync([.. moves.Select(move => move.To)], stop);
        var total = sources.Sum(entry => entry?.Length ?? 0);
        var moved = 0L;
        progress?.Invoke(0, total);
        for (var i = 0; i < moves.Count; i++)
        {
            // What is at the new place was moved before a crash. What is at neither never existed.
            if (sources[i] is { IsFolder: false } entry && targets[i] is null)
            {
                if (await Disk.FindAsync(moves[i].To, stop) is { } taken)
                {
                    // It appeared meanwhile, or the disk takes two names for one.
                    throw new EngineException($"{taken.Path} exists already: move it away, or choose another place");
                }
                var before = moved;
                var isCopy = await MoveFileAsync(
                    moves[i],
                    entry,
                    copied => progress?.Invoke(before + copied, total),
                    stop
                );
                done.Add(moves[i] with { IsCopy = isCopy });
                moved += entry.Length;
                progress?.Invoke(moved, total);
            }
        }
    }

    /// <summary>Brings everything back. What cannot be brought back goes on at the next start.</summary>
    private async Task UndoAsync(List<FileMove> done)
    {
        try
        {
            for (var i = done.Count - 1; i >= 0; i--)
            {
                if (done[i].IsCopy)
                {
                    await Disk.DeleteAsync(done[i].To, CancellationToken.None);
                }
                else
                {
                    await Disk.RenameAsync(done[i].To, done[i].From, CancellationToken.None);
                }
            }
            if (resume is not null)
            {
                await resume.EndMoveAsync(storage.Info, CancellationToken.None);
            }
        }
        catch (DiskException)
        {
            // The store still has the move.
        }
    }

    private List<FileMove> PathsTo(StorageLayout to) => PathsBetween(storage.Layout, to);

    /// <summary>The files whose path changes, and the part file.</summary>
    private List<FileMove> PathsBetween(StorageLayout from, StorageLayout to)
    {
        var moves = new List<FileMove>();
        foreach (var file in storage.Info.ContentFiles)
        {
            if (!from.IsInParts(file) && from.PathOf(file).Full != to.PathOf(file).Full)
            {
                moves.Add(new FileMove(from.PathOf(file), to.PathOf(file), IsCopy: false));
            }
        }
        if (from.HasParts && from.PartFile.Full != to.PartFile.Full)
        {
            moves.Add(new FileMove(from.PartFile, to.PartFile, IsCopy: false));
        }
        return moves;
    }

    private async Task ThrowIfTakenAsync(List<FileMove> moves, CancellationToken stop)
    {
        var targets = await Disk.FindAsync([.. moves.Select(move => move.To)], stop);
        if (targets.FirstOrDefault(target => target is not null) is { } taken)
        {
            throw new EngineException($"{taken.Path} exists already: move it away, or choose another place");
        }
    }

    /// <summary>Returns whether the file had to be copied, and so is at both places.</summary>
    private async Task<bool> MoveFileAsync(FileMove move, DiskEntry entry, Action<long> copied, CancellationToken stop)
    {
        if (move.To.Folder is { } folder)
        {
            await Disk.CreateFolderAsync(folder, stop);
        }
        try
        {
            await Disk.RenameAsync(move.From, move.To, stop);
            return false;
        }
        catch (DiskException other) when (other.Kind == DiskFault.OtherVolume)
        {
            await CopyAsync(move.From, move.To, entry, copied, stop);
            return true;
        }
    }

    /// <summary>Copies under another name first, so that a file under its own name is always complete.</summary>
    private async Task CopyAsync(
        DiskPath from,
        DiskPath to,
        DiskEntry entry,
        Action<long> copied,
        CancellationToken stop
    )
    {
        var beside = (to.Folder ?? Path.GetDirectoryName(to.Full)!).Child($".{storage.Info.SwarmIds[0]}.moving");
        await Disk.DeleteAsync(beside, stop);
        try
        {
            await using (var source = await Disk.OpenAsync(from, OpenMode.Read, stop))
            await using (var target = await Disk.OpenAsync(beside, OpenMode.CreateNew, stop))
            {
                // Tells a full disk before the work, not after it.
                await target.AllocateAsync(entry.Length, stop);
                var buffer = new byte[(int)Math.Clamp(entry.Length, 1, EngineLimits.CopyBytes)];
                for (var at = 0L; ; )
                {
                    var read = await source.ReadAsync(at, buffer, stop);
                    if (read == 0)
                    {
                        break;
                    }
                    await target.WriteAsync(at, [buffer.AsMemory(0, read)], stop);
                    at += read;
                    copied(at);
                }
                await target.FlushAsync(stop);
            }
            if (entry.IsExecutable)
            {
                await Disk.SetExecutableAsync(beside, stop);
            }
            await Disk.RenameAsync(beside, to, stop);
        }
        catch
        {
            await Disk.DeleteAsync(beside, CancellationToken.None);
            throw;
        }
    }

    private readonly record struct FileMove(DiskPath From, DiskPath To, bool IsCopy);
}
