using Anatomic.Engine.Settings;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Torrents;

/// <summary>Applies a selection that was made before the files of a magnet link were known.</summary>
internal static class FileSelection
{
    /// <summary>
    /// Turns the selected files of the settings, or of the link (BEP 53), into priorities. Returns the reason when no
    /// such file exists, for the user.
    /// </summary>
    public static string? Resolve(
        TorrentSettings settings,
        TorrentInfo info,
        MagnetLink? magnet,
        out TorrentSettings resolved
    )
    {
        resolved = settings with { SelectedFiles = null };
        var count = info.ContentFiles.Count;
        if (settings.SelectedFiles is { } chosen)
        {
            if (chosen.Where(file => file >= count).Order().FirstOrDefault(-1) is >= 0 and var unknown)
            {
                return $"file {unknown + 1:N0} is selected, but the torrent has only {count:N0}";
            }
            resolved = resolved with { FilePriorities = Priorities(count, chosen.Contains) };
        }
        else if (settings.FilePriorities is null && magnet is { Select.Count: > 0 })
        {
            var priorities = Priorities(count, magnet.Selects);
            if (!priorities.Contains(TorrentSettings.NormalPriority))
            {
                return $"the magnet link selects none of the torrent's {count:N0} files";
            }
            resolved = resolved with { FilePriorities = priorities };
        }
        return null;
    }

    private static byte[] Priorities(int count, Func<int, bool> isSelected) =>
        [.. Enumerable.Range(0, count).Select(file => isSelected(file) ? TorrentSettings.NormalPriority : (byte)0)];
}
