using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Storage;

/// <summary>
/// Chooses the paths of a new torrent's files. Each file gets its cleaned name. A file that exists only under the name
/// written in the torrent, as at its creator's, keeps that name.
/// </summary>
internal static class LayoutPlanner
{
    /// <param name="info">The torrent.</param>
    /// <param name="place">Where the data is.</param>
    /// <param name="name">The torrent's name on disk.</param>
    /// <param name="exists">
    /// Whether a file exists under exactly this path below the torrent's folder; case counts.
    /// </param>
    public static StorageLayout Plan(TorrentInfo info, DataPlace place, string name, Func<string, bool> exists)
    {
        var paths = new Dictionary<int, string>();
        if (!info.IsSingleFile && NeedsDisk(info))
        {
            Adopt(info, exists, paths);
        }
        return new StorageLayout(info, place, name, paths, new HashSet<int>());
    }

    /// <summary>Whether a file's written path differs from its cleaned one, so that the disk has to be asked.</summary>
    public static bool NeedsDisk(TorrentInfo info) => info.ContentFiles.Any(file => OriginalBelow(file) is not null);

    /// <summary>The cleaned path below the torrent's folder.</summary>
    public static string Below(TorrentFile file) => string.Join('/', file.Path.Skip(1));

    /// <summary>The written path below the torrent's folder; null when it is the cleaned one.</summary>
    public static string? OriginalBelow(TorrentFile file) =>
        file.OriginalPath is { } original && !original.Skip(1).SequenceEqual(file.Path.Skip(1))
            ? string.Join('/', original.Skip(1))
            : null;

    private static void Adopt(TorrentInfo info, Func<string, bool> exists, Dictionary<int, string> paths)
    {
        // The cleaned paths are distinct for every file system. A written path may only be added to them if it cannot
        // be the same file as another one, now or after a move to another disk.
        var claims = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in info.ContentFiles)
        {
            claims[PathCleaner.Fold(Below(file))] = Below(file);
        }
        var adopted = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < info.ContentFiles.Count; i++)
        {
            var cleaned = Below(info.ContentFiles[i]);
            if (OriginalBelow(info.ContentFiles[i]) is not { } original || !exists(original) || exists(cleaned))
            {
                continue;
            }
            var folded = PathCleaner.Fold(original);
            // Two names that differ only in case may both be kept if the disk itself has both.
            if (
                adopted.Contains(original)
                || claims.TryGetValue(folded, out var other)
                    && other != cleaned
                    && (other == original || !exists(other))
            )
            {
                continue;
            }
            adopted.Add(original);
            claims.TryAdd(folded, original);
            paths.Add(i, original);
        }
    }
}
