using Anatomic.Cli.Runtime;
using Anatomic.Engine.Storage;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Cli.Torrents;

/// <summary>Where torrent files and the data that they describe lie on the disk.</summary>
internal static class TorrentFiles
{
    private const string Extension = ".torrent";

    /// <summary>Refuses to write over what is no torrent: a slip of the hand must not cost a film.</summary>
    public static void CheckTarget(IDisk disk, string from, string to)
    {
        if (to == from)
        {
            throw CliException.Arguments($"{to} is what the torrent is made of: name another file with -o");
        }
        if (disk.Find(to) is not { } there)
        {
            return;
        }
        if (there.IsFolder)
        {
            throw CliException.Arguments($"{to} is a folder: name a file in it with -o");
        }
        if (!to.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
        {
            throw CliException.Arguments($"{to} exists and is no {Extension} file: remove it, or name another with -o");
        }
    }

    /// <summary>
    /// The torrent's own file or folder, from what the person named: that itself, or the folder that holds it.
    /// </summary>
    /// <param name="disk">The disk.</param>
    /// <param name="info">The torrent.</param>
    /// <param name="path">Absolute.</param>
    public static string DataOf(IDisk disk, TorrentInfo info, string path)
    {
        var entry =
            disk.Find(path)
            ?? throw CliException.Input($"{path} does not exist: name the data of '{info.Name}' with --data");
        if (!entry.IsFolder)
        {
            return info.IsSingleFile
                ? path
                : throw CliException.Input($"{path} is a file, but '{info.Name}' is a folder: name the folder");
        }
        var inside = TorrentStorage.RootOf(path, info);
        if (disk.Find(inside) is { } found && found.IsFolder != info.IsSingleFile)
        {
            return inside;
        }
        if (info.IsSingleFile)
        {
            throw CliException.Input($"{path} does not hold '{info.Name}': name the file itself with --data");
        }
        return path;
    }
}
