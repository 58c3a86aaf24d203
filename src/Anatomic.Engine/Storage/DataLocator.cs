using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Storage;

/// <summary>Finds a torrent's data on disk and makes the layout from it; used by get, seed and verify alike.</summary>
public static class DataLocator
{
    /// <summary>
    /// Resolves the path that a user gives for existing data: the torrent's own file or folder, or the folder that
    /// contains it.
    /// </summary>
    /// <exception cref="EngineException">The path does not exist or does not fit the torrent.</exception>
    public static async ValueTask<DataPlace> LocateAsync(
        IDisk disk,
        TorrentInfo info,
        string path,
        CancellationToken stop
    )
    {
        var entry =
            await disk.FindAsync(path, stop)
            ?? throw new EngineException($"{path} does not exist: give the path of the data of '{info.Name}'");
        if (!entry.IsFolder)
        {
            return info.IsSingleFile
                ? new DataPlace(path, IsTorrent: true)
                : throw new EngineException($"{path} is a file, but '{info.Name}' is a folder: give the folder");
        }
        var name = await NameInAsync(disk, info, path, stop);
        if (await disk.FindAsync(new DiskPath(path, name), stop) is { } inside && inside.IsFolder != info.IsSingleFile)
        {
            return new DataPlace(path, IsTorrent: false);
        }
        return info.IsSingleFile
            ? throw new EngineException($"{path} does not contain '{info.Name}': give the path of the file itself")
            : new DataPlace(path, IsTorrent: true);
    }

    /// <summary>Makes the layout of a torrent that has none yet, by what is on disk.</summary>
    public static async ValueTask<StorageLayout> PlanAsync(
        IDisk disk,
        TorrentInfo info,
        DataPlace place,
        CancellationToken stop
    )
    {
        var name = place.IsTorrent ? info.Name : await NameInAsync(disk, info, place.Root, stop);
        var layout = LayoutPlanner.Plan(info, place, name, static _ => false);
        if (!info.IsSingleFile && LayoutPlanner.NeedsDisk(info))
        {
            var listing = new ExactListing(disk, layout.Root);
            foreach (var file in info.ContentFiles)
            {
                if (LayoutPlanner.OriginalBelow(file) is { } original)
                {
                    await listing.ReadAsync(original, stop);
                }
            }
            foreach (var file in info.ContentFiles)
            {
                await listing.ReadAsync(LayoutPlanner.Below(file), stop);
            }
            layout = LayoutPlanner.Plan(info, place, name, listing.Exists);
        }
        return await FindPartsAsync(disk, info, layout, stop);
    }

    /// <summary>A part file that an earlier download left has the data of the files that are missing.</summary>
    private static async ValueTask<StorageLayout> FindPartsAsync(
        IDisk disk,
        TorrentInfo info,
        StorageLayout layout,
        CancellationToken stop
    )
    {
        if (info.IsSingleFile || await disk.FindAsync(layout.PartFile, stop) is not { IsFolder: false })
        {
            return layout;
        }
        var entries = await disk.FindAsync([.. info.ContentFiles.Select(layout.PathOf)], stop);
        var missing = Enumerable.Range(0, entries.Count).Where(i => entries[i] is null);
        return layout.WithParts(missing.ToHashSet());
    }

    /// <summary>The cleaned name, or the written one when only that exists in the folder.</summary>
    private static async ValueTask<string> NameInAsync(
        IDisk disk,
        TorrentInfo info,
        string folder,
        CancellationToken stop
    )
    {
        if (info.ContentFiles[0].OriginalPath is not { } original || original[0] == info.Name)
        {
            return info.Name;
        }
        var found = await disk.FindAsync([new DiskPath(folder, info.Name), new DiskPath(folder, original[0])], stop);
        return found[0] is null && found[1] is not null && Path.GetFileName(found[1]!.Path) == original[0]
            ? original[0]
            : info.Name;
    }

    /// <summary>Which files exist under exactly their names, also on disks that ignore case.</summary>
    private sealed class ExactListing(IDisk disk, DiskPath root)
    {
        private readonly Dictionary<string, IReadOnlyDictionary<string, bool>> folders = new(StringComparer.Ordinal);

        /// <summary>Lists the folders on the way to a path.</summary>
        public async ValueTask ReadAsync(string path, CancellationToken stop)
        {
            var folder = "";
            foreach (var part in path.Split('/'))
            {
                if (!folders.TryGetValue(folder, out var names))
                {
                    names = await ListAsync(folder, stop);
                    folders.Add(folder, names);
                }
                if (!names.TryGetValue(part, out var isFolder) || !isFolder)
                {
                    return;
                }
                folder = folder.Length == 0 ? part : $"{folder}/{part}";
            }
        }

        public bool Exists(string path)
        {
            var slash = path.LastIndexOf('/');
            return folders.TryGetValue(slash < 0 ? "" : path[..slash], out var names)
                && names.TryGetValue(path[(slash + 1)..], out var isFolder)
                && !isFolder;
        }

        private async ValueTask<IReadOnlyDictionary<string, bool>> ListAsync(string folder, CancellationToken stop)
        {
            var path = folder.Length == 0 ? root : new DiskPath(root.Root, root.Child(folder).Below);
            try
            {
                var entries = await disk.ListAsync(path, stop);
                return entries.ToDictionary(
                    entry => Path.GetFileName(entry.Path),
                    entry => entry.IsFolder,
                    StringComparer.Ordinal
                );
            }
            catch (DiskException unusable) when (unusable.Kind == DiskFault.Link)
            {
                return new Dictionary<string, bool>();
            }
        }
    }
}
