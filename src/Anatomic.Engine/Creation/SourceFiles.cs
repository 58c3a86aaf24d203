using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Creation;

/// <summary>A file that goes into a torrent, as it was when the work began.</summary>
/// <param name="Path">Parts below the torrent's folder; of a single file its name.</param>
/// <param name="Entry">What was on disk.</param>
internal sealed record SourceFile(IReadOnlyList<string> Path, DiskEntry Entry);

/// <summary>Finds the files of a torrent to be made.</summary>
internal static class SourceFiles
{
    /// <summary>The files, in the order of a v2 file tree.</summary>
    public static IReadOnlyList<SourceFile> Find(IDisk disk, string path, string name, out bool isSingle)
    {
        var entry = disk.Find(path) ?? throw new EngineException($"There is nothing at {path}.");
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
            throw new EngineException($"{path} holds no data; a torrent needs at least one byte.");
        }
        return files;
    }

    /// <summary>The first file that is no longer what it was; null when all are.</summary>
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
            throw new EngineException($"{folder} is nested deeper than {MetainfoLimits.MaxPathParts} folders.");
        }
        foreach (var entry in disk.List(folder))
        {
            // A link may lead out of the folder, or back into it without end.
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
                throw new EngineException($"There are more than {MetainfoLimits.MaxFiles:N0} files in {folder}.");
            }
        }
    }
}
