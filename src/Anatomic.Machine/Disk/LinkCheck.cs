using Anatomic.World;

namespace Anatomic.Machine.Disk;

/// <summary>Looks for links below the root of a path, on every system.</summary>
internal static class LinkCheck
{
    /// <summary>The first link among the path's parts below its root; null when there is none.</summary>
    public static string? FindLink(DiskPath path)
    {
        if (path.Below.Length == 0)
        {
            return null;
        }
        var at = path.Root;
        foreach (var part in path.Below.Split('/'))
        {
            at = Path.Join(at, part);
            var attributes = new FileInfo(at).Attributes;
            if (attributes == (FileAttributes)(-1))
            {
                // Nothing is there, and so nothing below it.
                return null;
            }
            // On Windows this includes junctions.
            if (attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                return at;
            }
        }
        return null;
    }

    public static void ThrowIfLink(DiskPath path)
    {
        if (FindLink(path) is { } link)
        {
            throw DiskErrors.Link(link);
        }
    }
}
