namespace Anatomic.Wire.Metainfo;

/// <summary>
/// The folders of a torrent while its paths are cleaned: two written names that become one on a disk that does not tell case
/// apart are told apart by a number, in the order of the torrent, so that every client run finds the same files.
/// </summary>
internal sealed class PathTree
{
    private readonly Dictionary<string, Folder> folders = new(StringComparer.Ordinal);
    private readonly HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> lastNumbers = new(StringComparer.OrdinalIgnoreCase);

    private sealed record Folder(string Name, PathTree Content);

    /// <summary>The cleaned parts of a file's path; the last part is the file.</summary>
    public IReadOnlyList<string> Add(IReadOnlyList<string> written)
    {
        var cleaned = new string[written.Count];
        var tree = this;
        for (var i = 0; i < written.Count - 1; i++)
        {
            if (!tree.folders.TryGetValue(written[i], out var folder))
            {
                folder = new Folder(tree.Take(written[i]), new PathTree());
                tree.folders.Add(written[i], folder);
            }
            cleaned[i] = folder.Name;
            tree = folder.Content;
        }
        cleaned[^1] = tree.Take(written[^1]);
        return cleaned;
    }

    private string Take(string written)
    {
        var name = PathCleaner.Clean(written);
        if (taken.Add(name))
        {
            return name;
        }
        // Going on from the last number keeps a torrent of a million equal names linear.
        var number = lastNumbers.GetValueOrDefault(name);
        string other;
        do
        {
            other = PathCleaner.Distinguish(name, ++number);
        } while (!taken.Add(other));
        lastNumbers[name] = number;
        return other;
    }
}
