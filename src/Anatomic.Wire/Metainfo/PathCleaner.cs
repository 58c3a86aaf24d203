using System.Text;

namespace Anatomic.Wire.Metainfo;

/// <summary>
/// Cleans names from torrents for all usual file systems. A cleaned name never leaves its folder and is never a device
/// or a stream.
/// </summary>
public static class PathCleaner
{
    private const int MaxCleanBytes = MetainfoLimits.MaxNameBytes;

    // Windows, "Naming Files, Paths, and Namespaces": with any extension, these are devices.
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "CON",
        "PRN",
        "AUX",
        "NUL",
        "CONIN$",
        "CONOUT$",
    };

    /// <summary>The name cleaned for every file system; never empty.</summary>
    public static string Clean(string written)
    {
        var safe = new StringBuilder(written.Length);
        foreach (var rune in written.EnumerateRunes())
        {
            safe.Append(IsFit(rune) ? rune.ToString() : "_");
        }
        var name = safe.ToString();
        var end = name.TrimEnd(' ', '.').Length;
        // Windows drops trailing dots and spaces, and "." and ".." are folders everywhere.
        name = name[..end] + new string('_', name.Length - end);
        if (IsDevice(name))
        {
            name = "_" + name;
        }
        return name.Length == 0 ? "_" : Shorten(name, MaxCleanBytes);
    }

    /// <summary>
    /// Whether the original name stays in its folder on a file system that allows everything except separators.
    /// </summary>
    public static bool StaysInFolder(string written) =>
        written.Length > 0
        && written is not ("." or "..")
        && !written.AsSpan().ContainsAny('/', '\\', '\0')
        && !written.Contains('\uFFFD')
        && Encoding.UTF8.GetByteCount(written) <= MetainfoLimits.MaxNameBytes;

    /// <summary>
    /// What file systems compare of a name or path: equal for two names when Windows or macOS take them for one, by
    /// case or by Unicode's forms of the same letter.
    /// </summary>
    public static string Fold(string name) => NameFold.Of(name);

    /// <summary>A variant of a name: adds ~<paramref name="number"/> before the extension.</summary>
    public static string Distinguish(string name, int number)
    {
        var mark = $"~{number}";
        var dot = name.LastIndexOf('.');
        var (stem, extension) = dot > 0 && name.Length - dot <= 16 ? (name[..dot], name[dot..]) : (name, "");
        return Shorten(stem, MaxCleanBytes - Encoding.UTF8.GetByteCount(mark + extension)) + mark + extension;
    }

    private static bool IsFit(Rune rune) =>
        rune.Value is >= 0x20 and not (>= 0x7f and < 0xa0)
        && rune.Value is not ('/' or '\\' or '<' or '>' or ':' or '"' or '|' or '?' or '*')
        // Marks that change the text direction make "txt.exe" look like "exe.txt" (Unicode TR 36, 2.10).
        && rune.Value is not (>= 0x202a and <= 0x202e or >= 0x2066 and <= 0x2069 or 0x200e or 0x200f);

    private static bool IsDevice(string name)
    {
        var dot = name.IndexOf('.');
        var stem = (dot < 0 ? name : name[..dot]).TrimEnd(' ');
        return Reserved.Contains(stem)
            || stem.Length == 4
                && (
                    stem.StartsWith("COM", StringComparison.OrdinalIgnoreCase)
                    || stem.StartsWith("LPT", StringComparison.OrdinalIgnoreCase)
                )
                && stem[3] is >= '0' and <= '9' or '¹' or '²' or '³';
    }

    private static string Shorten(string name, int maxBytes)
    {
        if (Encoding.UTF8.GetByteCount(name) <= maxBytes)
        {
            return name;
        }
        var dot = name.LastIndexOf('.');
        var extension = dot > 0 && name.Length - dot <= 16 ? name[dot..] : "";
        var room = maxBytes - Encoding.UTF8.GetByteCount(extension);
        var kept = new StringBuilder();
        foreach (var rune in name[..(name.Length - extension.Length)].EnumerateRunes())
        {
            room -= rune.Utf8SequenceLength;
            if (room < 0)
            {
                break;
            }
            kept.Append(rune);
        }
        return kept.Append(extension).ToString();
    }
}
