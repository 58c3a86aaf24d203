using Anatomic.Cli.Runtime;
using Anatomic.Engine.Storage;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Cli.Torrents;

/// <summary>Finds torrent files and their data on disk.</summary>
internal static class TorrentFiles
{
    public const string Extension = ".torrent";

    /// <summary>Whether the path names a torrent file rather than data.</summary>
    public static bool IsTorrentFile(string path) => path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Rejects an output that would overwrite anything but a torrent: a typo must not destroy data.</summary>
    /// <exception cref="CliException">The output is the data, a folder, or a file of another kind.</exception>
    public static void CheckOutput(IDisk disk, string from, string to)
    {
        if (to == from)
        {
            throw CliException.UsageError($"{to} is the data of the torrent: choose another file with -o");
        }
        if (disk.Find(to) is not { } existing)
        {
            return;
        }
        if (existing.IsFolder)
        {
            throw CliException.UsageError($"{to} is a folder: choose a file in it with -o");
        }
        if (!IsTorrentFile(to))
        {
            throw CliException.UsageError(
                $"{to} exists and is not a {Extension} file: remove it, or choose another with -o"
            );
        }
    }

    /// <summary>The torrent's file or folder, given its own path or that of the folder that contains it.</summary>
    /// <exception cref="CliException">The path does not exist or does not fit the torrent.</exception>
    public static string FindData(IDisk disk, TorrentInfo info, string path)
    {
        var entry =
            disk.Find(path)
            ?? throw CliException.InvalidInput($"{path} does not exist: give the data of '{info.Name}' with --data");
        if (!entry.IsFolder)
        {
            return info.IsSingleFile
                ? path
                : throw CliException.InvalidInput($"{path} is a file, but '{info.Name}' is a folder: give the folder");
        }
        var inside = TorrentStorage.RootOf(path, info);
        if (disk.Find(inside) is { } found && found.IsFolder != info.IsSingleFile)
        {
            return inside;
        }
        if (info.IsSingleFile)
        {
            throw CliException.InvalidInput($"{path} does not contain '{info.Name}': give the file itself with --data");
        }
        return path;
    }
}
