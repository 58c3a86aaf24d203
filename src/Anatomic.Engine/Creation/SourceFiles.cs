using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Creation;

/// <summary>A file of a torrent to be created, as it was when the creation started.</summary>
/// <param name="Path">The path below the torrent's folder, in parts; for a single file, its name.</param>
/// <param name="Entry">The file on disk.</param>
internal sealed record SourceFile(IReadOnlyList<string> Path, DiskEntry Entry);

/// <summary>Finds the files of a torrent to be created.</summary>
internal static class SourceFiles
{
    /// <summary>Finds all files, in the order of a v2 file tree. Links and empty folders are skipped.</summary>
    public static IReadOnlyList<SourceFile> Find(IDisk disk, string path, string name, out bool isSingle)
    {
        var entry = disk.Find(path) ?? throw new EngineException($"{path} does not exist.");
        isSingle = !entry.IsFolder;
        var files = new List<SourceFile>();
        if (isSingle)
        {
            files.Add(new SourceFile([name], entry));
        }
        else
        {
            Walk(disk, path, [], files);
            files.Sort((left, right) => PathOrder.Instance.Compare(left.Path, right.Path));
        }
        if (files.Sum(file => file.Entry.Length) == 0)
        {
            throw new EngineException($"{path} contains no data. A torrent needs at least one byte.");
        }
        return files;
    }

    /// <summary>Returns the first file that has changed since; null when none has.</summary>
    public static SourceFile? FindChanged(IDisk disk, IReadOnlyList<SourceFile> files) =>
        files.FirstOrDefault(file =>
            disk.Find(file.Entry.Path) is not { } now
            || now.Length != file.Entry.Length
            || now.Modified != file.Entry.Modified
        );

    private static void Walk(IDisk disk, string folder, string[] parts, List<SourceFile> files)
    {
        if (parts.Length > MetainfoLimits.MaxPathParts - 1)
        {
            throw new EngineException($"{folder} is more than {MetainfoLimits.MaxPathParts} folders deep.");
        }
        foreach (var entry in disk.List(folder))
        {
            // A link may lead out of the folder, or back into it endlessly.
            if (entry.IsLink)
            {
                continue;
            }
            string[] path = [.. parts, Path.GetFileName(entry.Path)];
            if (entry.IsFolder)
            {
                Walk(disk, entry.Path, path, files);
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
