using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Storage;

/// <summary>
/// Keeps files of many torrents open, up to a limit; the least recently used one is closed first. Called from one loop.
/// </summary>
internal sealed class FilePool(IDisk disk, int maxOpen)
{
    private readonly Dictionary<FileKey, PooledFile> open = [];
    private readonly LinkedList<PooledFile> byUse = new();

    public IDisk Disk => disk;

    /// <summary>The number of open files.</summary>
    public int Count => open.Count;

    /// <summary>
    /// Opens a file, or takes it if it is open. It stays open at least until <see cref="Return"/>.
    /// </summary>
    public async ValueTask<PooledFile> RentAsync(FileKey key, DiskPath path, OpenMode mode)
    {
        if (!open.TryGetValue(key, out var entry))
        {
            await MakeRoomAsync();
            // Another caller may have opened it meanwhile.
            if (!open.TryGetValue(key, out entry))
            {
                // Several callers may wait for the same open, so one of them must not cancel it.
                entry = new PooledFile(key, disk.OpenAsync(path, mode, CancellationToken.None).AsTask());
                open.Add(key, entry);
                byUse.AddLast(entry.Position);
            }
        }
        entry.Users++;
        byUse.Remove(entry.Position);
        byUse.AddLast(entry.Position);
        try
        {
            entry.File ??= await entry.Opening;
            return entry;
        }
        catch
        {
            entry.Users--;
            Forget(entry);
            throw;
        }
    }

    /// <summary>Whether a file is open, or being opened.</summary>
    public bool IsOpen(FileKey key) => open.ContainsKey(key);

    public static void Return(PooledFile file)
    {
        file.Users--;
        if (file is { Users: 0, IsForgotten: true })
        {
            _ = CloseAsync(file);
        }
    }

    /// <summary>Closes the files of a torrent; those in use when they are returned.</summary>
    public async ValueTask CloseAsync(TorrentStorage owner)
    {
        foreach (var entry in open.Values.Where(entry => entry.Key.Owner == owner).ToArray())
        {
            Forget(entry);
            if (entry.Users == 0)
            {
                await CloseAsync(entry);
            }
        }
    }

    private async ValueTask MakeRoomAsync()
    {
        while (open.Count >= maxOpen)
        {
            var oldest = byUse.First;
            while (oldest is not null && oldest.Value.Users > 0)
            {
                oldest = oldest.Next;
            }
            if (oldest is null)
            {
                // All files are in use. Exceeding the limit for a moment is better than a deadlock.
                return;
            }
            Forget(oldest.Value);
            await CloseAsync(oldest.Value);
        }
    }

    private void Forget(PooledFile entry)
    {
        if (open.TryGetValue(entry.Key, out var current) && ReferenceEquals(current, entry))
        {
            open.Remove(entry.Key);
            byUse.Remove(entry.Position);
            entry.IsForgotten = true;
        }
    }

    private static async Task CloseAsync(PooledFile entry)
    {
        Invariant.Holds(entry.Users == 0);
        if (entry.File is { } file)
        {
            entry.File = null;
            await file.DisposeAsync();
        }
    }
}

/// <summary>A file of a torrent, open for reading or for both.</summary>
/// <param name="Owner">The torrent.</param>
/// <param name="Index">Index in the torrent's files; -1 for the part file.</param>
/// <param name="IsWritable">Reads and writes use separate handles where a folder may only be read.</param>
internal readonly record struct FileKey(TorrentStorage Owner, int Index, bool IsWritable);

/// <summary>An open file of a <see cref="FilePool"/>.</summary>
internal sealed class PooledFile
{
    public PooledFile(FileKey key, Task<IFile> opening)
    {
        Key = key;
        Opening = opening;
        Position = new LinkedListNode<PooledFile>(this);
    }

    public FileKey Key { get; }
    public Task<IFile> Opening { get; }

    /// <summary>Null while it is being opened.</summary>
    public IFile? File { get; set; }
    public int Users { get; set; }
    public bool IsForgotten { get; set; }
    public LinkedListNode<PooledFile> Position { get; }
}
