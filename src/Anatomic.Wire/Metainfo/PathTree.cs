namespace Anatomic.Wire.Metainfo;

/// <summary>
/// The folders of a torrent while its paths are cleaned. Names that some file system takes for one get
/// numbers, in the order of the torrent, so that every run produces the same paths.
/// </summary>
internal sealed class PathTree
{
    private readonly Dictionary<string, Folder> folders = new(StringComparer.Ordinal);
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> lastNumbers = new(StringComparer.Ordinal);

    private sealed record Folder(string Name, PathTree Content);

    /// <summary>Cleans a file's path; its last part is the file.</summary>
    public IReadOnlyList<string> Add(IReadOnlyList<string> written)
    {
        var cleaned = new string[written.Count];
        var tree = this;
        for (var i = 0; i < written.Count - 1; i++)
        {
            if (!tree.folders.TryGetValue(written[i], out var folder))
            {
                folder = new Folder(tree.ChooseName(written[i]), new PathTree());
                tree.folders.Add(written[i], folder);
            }
            cleaned[i] = folder.Name;
            tree = folder.Content;
        }
        cleaned[^1] = tree.ChooseName(written[^1]);
        return cleaned;
    }

    private string ChooseName(string written)
    {
        var name = PathCleaner.Clean(written);
        var folded = PathCleaner.Fold(name);
        if (taken.Add(folded))
        {
            return name;
        }
        // Continuing from the last number keeps a torrent with a million equal names linear.
        var number = lastNumbers.GetValueOrDefault(folded);
        string other;
        do
        {
            other = PathCleaner.Distinguish(name, ++number);
        } while (!taken.Add(PathCleaner.Fold(other)));
        lastNumbers[folded] = number;
        return other;
    }
}
