using Anatomic.Cli.Invocation;
using Anatomic.Cli.Runtime;
using Anatomic.Wire;

namespace Anatomic.Cli.Operations;

/// <summary>What came of looking at a list's file.</summary>
internal enum ListChange
{
    /// <summary>The file is as it was, or still cannot be used.</summary>
    None,

    /// <summary>There is another list now.</summary>
    Read,

    /// <summary>The file cannot be used: the old list stays.</summary>
    Kept,
}

/// <summary>
/// A file of info-hashes, one a line: 40 hexadecimal digits, or 64 of a v2 info-hash; what follows a # is a remark.
/// </summary>
internal sealed class InfoHashList
{
    private readonly string path;
    private readonly Action<string> remark;
    private (DateTime Written, long Length) seen;

    /// <summary>What was said last of a file that cannot be used; null while it can.</summary>
    private string? trouble;

    private InfoHashList(string path, Action<string> remark)
    {
        this.path = path;
        this.remark = remark;
        seen = Look();
        Swarms = Parse(path);
    }

    public IReadOnlyCollection<Hash20> Swarms { get; private set; }

    /// <summary>Null when no file is named; a file that cannot be read or understood keeps the node from starting.</summary>
    public static InfoHashList? Read(VerbContext context, Action<string> remark, string flag, string? name)
    {
        if (name is not { Length: > 0 })
        {
            return null;
        }
        try
        {
            return new InfoHashList(context.FullPath(name), remark);
        }
        catch (Exception fault) when (IsUnreadable(fault))
        {
            throw CliException.Arguments($"{flag} {name} cannot be used: {fault.Message}");
        }
    }

    /// <summary>
    /// Reads the file again when it has changed since it was read, or in any case. A file that is broken for a moment must not open
    /// what it closed: the old list stays, one remark says why, and the file is tried again.
    /// </summary>
    public ListChange Refresh(bool inAnyCase)
    {
        try
        {
            var now = Look();
            var change = ListChange.None;
            if (now != seen || inAnyCase)
            {
                Swarms = Parse(path);
                seen = now;
                change = ListChange.Read;
            }
            trouble = null;
            return change;
        }
        catch (Exception fault) when (IsUnreadable(fault))
        {
            if (fault.Message == trouble && !inAnyCase)
            {
                return ListChange.None;
            }
            trouble = fault.Message;
            remark($"the list stays as it was: {fault.Message}");
            return ListChange.Kept;
        }
    }

    private (DateTime Written, long Length) Look()
    {
        var file = new FileInfo(path);
        return (file.LastWriteTimeUtc, file.Exists ? file.Length : -1);
    }

    private static bool IsUnreadable(Exception fault) =>
        fault is IOException or UnauthorizedAccessException or FormatException;

    private static HashSet<Hash20> Parse(string file)
    {
        var read = new HashSet<Hash20>();
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            var mark = line.IndexOf('#', StringComparison.Ordinal);
            var word = (mark < 0 ? line : line[..mark]).Trim();
            if (word.Length == 0)
            {
                continue;
            }
            if (Hash20.TryParseHex(word, out var v1))
            {
                read.Add(v1);
            }
            else if (Hash32.TryParseHex(word, out var v2))
            {
                read.Add(v2.Truncated);
            }
            else
            {
                throw new FormatException($"{file}, line {number}: no info-hash of 40 or 64 hexadecimal digits");
            }
        }
        return read;
    }
}
