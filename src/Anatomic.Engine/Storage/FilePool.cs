using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Storage;

/// <summary>
/// Keeps files open, up to a limit. Reads and writes use separate handles, so that data in a read-only folder can be
/// read. Called from one loop.
/// </summary>
internal sealed class FilePool(IDisk disk, int maxOpen) : IAsyncDisposable
{
    private readonly Dictionary<(string Path, OpenMode Mode), Entry> open = [];
    private long uses;

    private sealed class Entry(Task<IFile> file)
    {
        public Task<IFile> File { get; } = file;
        public int Users { get; set; }
        public long LastUse { get; set; }
    }

    /// <summary>Runs an operation on a file, which stays open afterwards.</summary>
    /// <param name="opened">Called each time the file is opened, before its first use.</param>
    public async ValueTask<T> UseAsync<T>(
        string path,
        OpenMode mode,
        Action<IFile>? opened,
        Func<IFile, ValueTask<T>> operation
    )
    {
        var key = (path, mode);
        if (!open.TryGetValue(key, out var entry))
        {
            await MakeRoomAsync();
            // Another caller may have opened it meanwhile.
            if (!open.TryGetValue(key, out entry))
            {
                entry = new Entry(OpenAsync(path, mode, opened));
                open.Add(key, entry);
            }
        }
        entry.Users++;
        entry.LastUse = ++uses;
        try
        {
            return await operation(await entry.File);
        }
        finally
        {
            entry.Users--;
            if (entry.File.IsFaulted || entry.File.IsCanceled)
            {
                Remove(key, entry);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        var entries = open.Values.OrderBy(entry => entry.LastUse).ToArray();
        open.Clear();
        foreach (var entry in entries)
        {
            Invariant.Holds(entry.Users == 0);
            await CloseAsync(entry);
        }
    }

    private async Task<IFile> OpenAsync(string path, OpenMode mode, Action<IFile>? opened)
    {
        // Several callers may wait for the same open, so one of them must not cancel it.
        var file = await disk.OpenAsync(path, mode, CancellationToken.None);
        try
        {
            opened?.Invoke(file);
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private async ValueTask MakeRoomAsync()
    {
        while (open.Count >= maxOpen)
        {
            var oldest = open.Where(pair => pair.Value.Users == 0).OrderBy(pair => pair.Value.LastUse).FirstOrDefault();
            if (oldest.Value is null)
            {
                // All files are in use. Exceeding the limit for a moment is better than a deadlock.
                return;
            }
            open.Remove(oldest.Key);
            await CloseAsync(oldest.Value);
        }
    }

    private void Remove((string, OpenMode) key, Entry entry)
    {
        if (open.TryGetValue(key, out var current) && ReferenceEquals(current, entry))
        {
            open.Remove(key);
        }
    }

    private static async ValueTask CloseAsync(Entry entry)
    {
        if (entry.File.IsCompletedSuccessfully)
        {
            await (await entry.File).DisposeAsync();
        }
    }
}
