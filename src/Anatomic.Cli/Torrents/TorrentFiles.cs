using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Engine;
using Anatomic.Engine.Storage;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Cli.Torrents;

/// <summary>Tells torrent files from data on disk.</summary>
internal static class TorrentFiles
{
    public const string Extension = ".torrent";

    /// <summary>Whether the path names a torrent file rather than data.</summary>
    public static bool IsTorrentFile(string path) => path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Rejects an output that would overwrite anything but a torrent: a typo must not destroy data.</summary>
    /// <exception cref="CliException">The output is the data, a folder, or a file of another kind.</exception>
    public static async Task CheckOutputAsync(IDisk disk, string from, string to, CancellationToken stop)
    {
        if (to == from)
        {
            throw CliException.UsageError($"{to} is the data of the torrent: choose another file with -o");
        }
        if (await disk.FindAsync(to, stop) is not { } existing)
        {
            return;
        }
        var folder = Path.TrimEndingDirectorySeparator(from) + Path.DirectorySeparatorChar;
        if (to.StartsWith(folder, StringComparison.OrdinalIgnoreCase))
        {
            throw CliException.UsageError($"{to} is part of the data of the torrent: choose another file with -o");
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

    /// <summary>Finds the data that the user gave by its own path or that of the folder that contains it.</summary>
    /// <exception cref="CliException">The path does not exist or does not fit the torrent.</exception>
    public static async Task<DataPlace> LocateAsync(
        VerbContext context,
        IDisk disk,
        TorrentInfo info,
        string path,
        CancellationToken stop
    )
    {
        try
        {
            return await DataLocator.LocateAsync(disk, info, context.FullPath(path), stop);
        }
        catch (EngineException unfit)
        {
            throw CliException.InvalidInput(unfit.Message);
        }
    }
}
