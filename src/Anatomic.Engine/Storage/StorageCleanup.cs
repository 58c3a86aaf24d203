using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Storage;

/// <summary>Deletes what belongs to a torrent, and nothing else.</summary>
internal sealed class StorageCleanup(IDisk disk)
{
    /// <summary>
    /// Deletes the torrent's files, its part file, and the folders that are empty then. Files of others in these
    /// folders stay, as does a file in the place of an unwanted one.
    /// </summary>
    public async Task DeleteDataAsync(TorrentStorage storage, CancellationToken stop) =>
        await storage.Gate.RunAloneAsync(async () =>
        {
            await storage.CloseFilesAsync();
            foreach (var file in storage.Info.ContentFiles)
            {
                if (!storage.Layout.IsInParts(file) && await IsFileAsync(storage.Layout.PathOf(file), stop))
                {
                    await disk.DeleteAsync(storage.Layout.PathOf(file), stop);
                }
            }
            if (await IsFileAsync(storage.Layout.PartFile, stop))
            {
                await disk.DeleteAsync(storage.Layout.PartFile, stop);
            }
            await DeleteEmptyFoldersAsync(storage.Layout, storage.Info, stop);
        });

    /// <summary>Deletes the folders of a layout that are empty, the deepest first.</summary>
    public async Task DeleteEmptyFoldersAsync(StorageLayout layout, TorrentInfo info, CancellationToken stop)
    {
        if (info.IsSingleFile)
        {
            return;
        }
        var folders = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var file in info.ContentFiles)
        {
            for (var at = layout.PathOf(file).Folder; at is { Below.Length: > 0 } folder; at = folder.Folder)
            {
                if (!folders.Add(folder.Below))
                {
                    break;
                }
            }
        }
        // A folder sorts before what is in it.
        foreach (var below in folders.Reverse())
        {
            await TryDeleteAsync(new DiskPath(layout.Place.Root, below), stop);
        }
        if (layout.Place.IsTorrent)
        {
            await TryDeleteAsync(layout.Root, stop);
        }
    }

    private async ValueTask<bool> IsFileAsync(DiskPath path, CancellationToken stop) =>
        await disk.FindAsync(path, stop) is { IsFolder: false };

    /// <summary>A folder that has other files, or may not be deleted, stays.</summary>
    private async ValueTask TryDeleteAsync(DiskPath folder, CancellationToken stop)
    {
        try
        {
            if (await disk.FindAsync(folder, stop) is { IsFolder: true, IsLink: false })
            {
                await disk.DeleteAsync(folder, stop);
            }
        }
        catch (DiskException)
        {
            // See above.
        }
    }
}
