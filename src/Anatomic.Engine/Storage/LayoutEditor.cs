using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Storage;

/// <summary>Makes the layout for a user's move or renaming, and rejects what some disk would not allow.</summary>
public static class LayoutEditor
{
    /// <summary>The same files below another folder; the torrent's name stays.</summary>
    public static StorageLayout Move(StorageLayout layout, string folder) =>
        layout.WithPlace(new DataPlace(folder, IsTorrent: false));

    /// <summary>The same files with another name of the torrent's own file or folder.</summary>
    /// <exception cref="EngineException">The name is not possible on all disks.</exception>
    public static StorageLayout Rename(StorageLayout layout, string name)
    {
        ThrowIfInvalid(name);
        return layout.Place.IsTorrent
            ? layout.WithPlace(
                new DataPlace(Path.Join(Path.GetDirectoryName(layout.Place.Root), name), IsTorrent: true)
            )
            : layout.WithName(name);
    }

    /// <summary>Another path for one file of a torrent with several.</summary>
    /// <param name="path">The path below the torrent's folder, with <c>/</c> between its parts.</param>
    /// <exception cref="EngineException">
    /// A part is not possible on all disks, or some disk takes the path for that of another file.
    /// </exception>
    public static StorageLayout RenameFile(StorageLayout layout, TorrentInfo info, TorrentFile file, string path)
    {
        if (info.IsSingleFile)
        {
            return Rename(layout, path);
        }
        foreach (var part in path.Split('/'))
        {
            ThrowIfInvalid(part);
        }
        var changed = layout.WithPath(file, path);
        var folded = PathCleaner.Fold(changed.PathOf(file).Full);
        foreach (var other in info.ContentFiles)
        {
            if (other.Index == file.Index)
            {
                continue;
            }
            var there = PathCleaner.Fold(layout.PathOf(other).Full);
            if (there == folded || IsBelow(there, folded) || IsBelow(folded, there))
            {
                throw new EngineException($"'{path}' is the path of {other.Display}, or a folder of it");
            }
        }
        return changed;
    }

    private static bool IsBelow(string path, string folder) =>
        path.Length > folder.Length && path.StartsWith(folder, StringComparison.Ordinal) && path[folder.Length] == '/';

    private static void ThrowIfInvalid(string name)
    {
        if (name.Length == 0 || PathCleaner.Clean(name) != name)
        {
            throw new EngineException($"'{name}' is not a file name that every system allows");
        }
    }
}
