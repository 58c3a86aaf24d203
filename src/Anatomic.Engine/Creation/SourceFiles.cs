using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Creation;

/// <summary>A file of a torrent to be created, as it was when the creation started.</summary>
/// <param name="Path">The path below the torrent's folder, in parts; for a single file, its name.</param>
/// <param name="Entry">The file on disk.</param>
internal sealed record SourceFile(IReadOnlyList<string> Path, DiskEntry Entry);

/// <param name="Files">All files, in the order of a v2 file tree.</param>
/// <param name="SkippedLinks">The paths of the links, which no torrent of ours contains.</param>
/// <param name="IsSingle">The path is a file, not a folder.</param>
internal sealed record FoundFiles(IReadOnlyList<SourceFile> Files, IReadOnlyList<string> SkippedLinks, bool IsSingle);

/// <summary>Finds the files of a torrent to be created.</summary>
internal static class SourceFiles
{
    /// <summary>Finds all files, in the order of a v2 file tree. Empty folders are skipped.</summary>
    public static async ValueTask<FoundFiles> FindAsync(IDisk disk, string path, string name, CancellationToken stop)
    {
        var entry = await disk.FindAsync(path, stop) ?? throw new EngineException($"{path} does not exist.");
        var files = new List<SourceFile>();
        var links = new List<string>();
        if (!entry.IsFolder)
        {
            files.Add(new SourceFile([name], entry));
        }
        else
        {
            await WalkAsync(disk, path, [], files, links, stop);
            files.Sort((left, right) => PathOrder.Instance.Compare(left.Path, right.Path));
        }
        if (files.Find(file => file.Entry.IsSpecial) is { } special)
        {
            throw new EngineException(
                $"{special.Entry.Path} is a pipe, a socket or a device. A torrent consists of files: move it away."
            );
        }
        if (files.Sum(file => file.Entry.Length) == 0)
        {
            throw new EngineException($"{path} contains no data. A torrent needs at least one byte.");
        }
        return new FoundFiles(files, links, !entry.IsFolder);
    }

    /// <summary>Returns the first file that has changed since; null when none has.</summary>
    public static async ValueTask<SourceFile?> FindChangedAsync(
        IDisk disk,
        IReadOnlyList<SourceFile> files,
        CancellationToken stop
    )
    {
        var entries = await disk.FindAsync([.. files.Select(file => (DiskPath)file.Entry.Path)], stop);
        for (var i = 0; i < files.Count; i++)
        {
            var then = files[i].Entry;
            if (entries[i] is not { } now || now.Length != then.Length || now.Modified != then.Modified)
            {
                return files[i];
            }
        }
        return null;
    }

    private static async ValueTask WalkAsync(
        IDisk disk,
        string folder,
        string[] parts,
        List<SourceFile> files,
        List<string> links,
        CancellationToken stop
    )
    {
        if (parts.Length > MetainfoLimits.MaxPathParts - 1)
        {
            throw new EngineException($"{folder} is more than {MetainfoLimits.MaxPathParts} folders deep.");
        }
        foreach (var entry in await disk.ListAsync(folder, stop))
        {
            // A link may lead out of the folder, or back into it endlessly.
            if (entry.IsLink)
            {
                links.Add(entry.Path);
                continue;
            }
            var name = Path.GetFileName(entry.Path);
            // What is not UTF-8 is read as this character, and cannot be opened under the name that results.
            if (name.Contains('\uFFFD'))
            {
                throw new EngineException(
                    $"{entry.Path} has a name that is not UTF-8. Names in torrents are UTF-8 (BEP 3): rename it."
                );
            }
            string[] path = [.. parts, name];
            if (entry.IsFolder)
            {
                await WalkAsync(disk, entry.Path, path, files, links, stop);
                continue;
            }
            files.Add(new SourceFile(path, entry));
            if (files.Count > MetainfoLimits.MaxFiles)
            {
                throw new EngineException($"The torrent would contain more than {MetainfoLimits.MaxFiles:N0} files.");
            }
        }
    }
}
