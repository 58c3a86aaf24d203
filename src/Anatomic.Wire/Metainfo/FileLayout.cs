namespace Anatomic.Wire.Metainfo;

/// <summary>Assigns offsets in the piece space and cleaned paths to files.</summary>
internal static class FileLayout
{
    /// <param name="written">The files in their order.</param>
    /// <param name="name">The torrent's name as written.</param>
    /// <param name="single">A single file without a folder.</param>
    /// <param name="alignTo">The piece length if every file starts at a piece (v2), otherwise 1.</param>
    /// <param name="maxSpace">Largest length of the piece space.</param>
    /// <returns>Null when the files are longer than that.</returns>
    public static TorrentFile[]? Assign(
        IReadOnlyList<FileEntry> written,
        string name,
        bool single,
        int alignTo,
        long maxSpace
    )
    {
        var root = PathCleaner.Clean(name);
        var tree = new PathTree();
        var files = new TorrentFile[written.Count];
        var end = 0L;
        for (var i = 0; i < files.Length; i++)
        {
            var file = written[i];
            var offset = file.Length == 0 ? end : checked((end + alignTo - 1) / alignTo * alignTo);
            if (file.Length > maxSpace - offset)
            {
                return null;
            }
            end = offset + file.Length;
            IReadOnlyList<string> path =
                file.IsPadding ? [root, ".pad", $"{file.Length}"]
                : single ? [root]
                : [root, .. tree.Add(file.Path)];
            files[i] = new TorrentFile
            {
                Index = i,
                Path = path,
                OriginalPath = file.IsPadding ? null : AsWritten(file, name, single, path),
                Length = file.Length,
                Offset = offset,
                IsPadding = file.IsPadding,
                IsExecutable = file.Attributes.Contains('x'),
                IsHidden = file.Attributes.Contains('h'),
                LinkTarget = file.Link?.Select(PathCleaner.Clean).ToArray(),
                PiecesRoot = file.PiecesRoot,
            };
        }
        return files;
    }

    private static IReadOnlyList<string>? AsWritten(
        FileEntry file,
        string name,
        bool single,
        IReadOnlyList<string> cleaned
    )
    {
        IReadOnlyList<string> whole = single ? [name] : [name, .. file.Path];
        return whole.SequenceEqual(cleaned) || !whole.All(PathCleaner.StaysInFolder) ? null : whole;
    }
}
