using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Wire;

namespace Anatomic.Cli.Operations;

/// <summary>The result of refreshing a list from its file.</summary>
internal enum ListRefresh
{
    /// <summary>The file has not changed, or is still invalid.</summary>
    Unchanged,

    /// <summary>The list was replaced.</summary>
    Reloaded,

    /// <summary>The file is invalid: the old list stays in use.</summary>
    Rejected,
}

/// <summary>
/// A file of info-hashes, one per line: 40 hexadecimal digits, or 64 for a v2 info-hash; <c>#</c> starts a comment.
/// </summary>
internal sealed class InfoHashList
{
    private readonly string path;
    private readonly Action<string> warn;
    private (DateTime Written, long Length) loadedVersion;

    /// <summary>The last reported fault; null while the file is valid.</summary>
    private string? lastFault;

    private InfoHashList(string path, Action<string> warn)
    {
        this.path = path;
        this.warn = warn;
        loadedVersion = ReadVersion();
        Swarms = Parse(path);
    }

    public IReadOnlyCollection<Hash20> Swarms { get; private set; }

    /// <summary>Loads the file of a flag; null if the flag names none.</summary>
    /// <exception cref="CliException">The file cannot be read or is invalid, so the node must not start.</exception>
    public static InfoHashList? Load(VerbContext context, Action<string> warn, string flag, string? name)
    {
        if (name is not { Length: > 0 })
        {
            return null;
        }
        try
        {
            return new InfoHashList(context.FullPath(name), warn);
        }
        catch (Exception fault) when (IsExpected(fault))
        {
            throw CliException.UsageError($"{flag} {name} cannot be used: {fault.Message}");
        }
    }

    /// <summary>
    /// Reloads the file if it has changed, or if forced. A file that is invalid for a moment must not allow what it
    /// denied: the old list stays in use, one warning says why, and the next refresh tries again.
    /// </summary>
    public ListRefresh Refresh(bool force)
    {
        try
        {
            var version = ReadVersion();
            var result = ListRefresh.Unchanged;
            if (version != loadedVersion || force)
            {
                Swarms = Parse(path);
                loadedVersion = version;
                result = ListRefresh.Reloaded;
            }
            lastFault = null;
            return result;
        }
        catch (Exception fault) when (IsExpected(fault))
        {
            if (fault.Message == lastFault && !force)
            {
                return ListRefresh.Unchanged;
            }
            lastFault = fault.Message;
            warn($"the old list stays in use: {fault.Message}");
            return ListRefresh.Rejected;
        }
    }

    private (DateTime Written, long Length) ReadVersion()
    {
        var file = new FileInfo(path);
        return (file.LastWriteTimeUtc, file.Exists ? file.Length : -1);
    }

    private static bool IsExpected(Exception fault) =>
        fault is IOException or UnauthorizedAccessException or FormatException;

    private static HashSet<Hash20> Parse(string file)
    {
        var swarms = new HashSet<Hash20>();
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            var comment = line.IndexOf('#', StringComparison.Ordinal);
            var text = (comment < 0 ? line : line[..comment]).Trim();
            if (text.Length == 0)
            {
                continue;
            }
            if (Hash20.TryParseHex(text, out var v1))
            {
                swarms.Add(v1);
            }
            else if (Hash32.TryParseHex(text, out var v2))
            {
                swarms.Add(v2.Truncated);
            }
            else
            {
                throw new FormatException($"{file}, line {number}: not an info-hash of 40 or 64 hexadecimal digits");
            }
        }
        return swarms;
    }
}
