using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Storage;

/// <summary>
/// Open files within a budget. Reading and writing have handles of their own, so that what is only read may lie in a folder
/// that cannot be written. Called from one loop.
/// </summary>
internal sealed class FilePool(IDisk disk, int maxOpen) : IAsyncDisposable
{
    private readonly Dictionary<(string Path, OpenMode Use), Entry> open = [];
    private long turn;

    private sealed class Entry(Task<IFile> file)
    {
        public Task<IFile> File { get; } = file;
        public int Users { get; set; }
        public long LastTurn { get; set; }
    }

    /// <summary>Runs an operation on an open file, which stays open for later ones.</summary>
    /// <param name="opened">Called once for each opening, before anything else uses the file.</param>
    public async ValueTask<T> UseAsync<T>(
        string path,
        OpenMode use,
        Action<IFile>? opened,
        Func<IFile, ValueTask<T>> operation
    )
    {
        var key = (path, use);
        if (!open.TryGetValue(key, out var entry))
        {
            await MakeRoomAsync();
            // Another flow may have opened it while room was made.
            if (!open.TryGetValue(key, out entry))
            {
                entry = new Entry(OpenAsync(path, use, opened));
                open.Add(key, entry);
            }
        }
        entry.Users++;
        entry.LastTurn = ++turn;
        try
        {
            return await operation(await entry.File);
        }
        finally
        {
            entry.Users--;
            if (entry.File.IsFaulted || entry.File.IsCanceled)
            {
                Forget(key, entry);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        var entries = open.Values.OrderBy(entry => entry.LastTurn).ToArray();
        open.Clear();
        foreach (var entry in entries)
        {
            Invariant.Holds(entry.Users == 0);
            await CloseAsync(entry);
        }
    }

    private async Task<IFile> OpenAsync(string path, OpenMode use, Action<IFile>? opened)
    {
        // Others may wait for the same opening: one of them giving up is no reason to fail them all.
        var file = await disk.OpenAsync(path, use, CancellationToken.None);
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
            var oldest = open.Where(pair => pair.Value.Users == 0)
                .OrderBy(pair => pair.Value.LastTurn)
                .FirstOrDefault();
            if (oldest.Value is null)
            {
                // Everything is in use: going over the budget for a moment beats a deadlock.
                return;
            }
            open.Remove(oldest.Key);
            await CloseAsync(oldest.Value);
        }
    }

    private void Forget((string, OpenMode) key, Entry entry)
    {
        if (open.TryGetValue(key, out var present) && ReferenceEquals(present, entry))
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
