using Anatomic.Wire;

namespace Anatomic.Cli.Verbs;

/// <summary>
/// A file of info-hashes, one a line: 40 hexadecimal digits, or 64 of a v2 info-hash; what follows a # is a remark. Looked at
/// again when it is asked, but not more often than every few seconds.
/// </summary>
internal sealed class SwarmList
{
    /// <summary>Soon enough for a takedown, seldom enough for a busy node.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    private readonly string path;
    private readonly Action<string> remark;
    private readonly Lock gate = new();
    private HashSet<Hash20> swarms;
    private DateTime written;
    private long looked;

    private SwarmList(string path, HashSet<Hash20> swarms, DateTime written, Action<string> remark)
    {
        this.path = path;
        this.swarms = swarms;
        this.written = written;
        this.remark = remark;
        looked = TimeProvider.System.GetTimestamp();
    }

    /// <summary>Null when no file is named; a file that cannot be read or understood keeps the node from starting.</summary>
    public static async Task<SwarmList?> ReadAsync(Call call, string flag, string? name, CancellationToken stop)
    {
        if (name is not { Length: > 0 })
        {
            return null;
        }
        var place = call.FullPath(name);
        try
        {
            var time = File.GetLastWriteTimeUtc(place);
            var read = Parse(place, await File.ReadAllLinesAsync(place, stop));
            return new SwarmList(place, read, time, call.Reporter.Remark);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException)
        {
            throw CliException.Arguments($"{flag} {name} cannot be used: {fault.Message}");
        }
    }

    /// <summary>From any thread.</summary>
    public bool Has(Hash20 swarm)
    {
        lock (gate)
        {
            if (TimeProvider.System.GetElapsedTime(looked) >= LookAgain)
            {
                looked = TimeProvider.System.GetTimestamp();
                Refresh();
            }
            return swarms.Contains(swarm);
        }
    }

    /// <summary>A file that is broken for a moment must not open what it closed: the old list stays.</summary>
    private void Refresh()
    {
        try
        {
            var now = File.GetLastWriteTimeUtc(path);
            if (now != written)
            {
                swarms = Parse(path, File.ReadAllLines(path));
                written = now;
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException)
        {
            remark($"the list stays as it was: {fault.Message}");
        }
    }

    private static HashSet<Hash20> Parse(string file, string[] lines)
    {
        var read = new HashSet<Hash20>();
        for (var i = 0; i < lines.Length; i++)
        {
            var mark = lines[i].IndexOf('#', StringComparison.Ordinal);
            var word = (mark < 0 ? lines[i] : lines[i][..mark]).Trim();
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
                throw new FormatException($"{file}, line {i + 1}: no info-hash of 40 or 64 hexadecimal digits");
            }
        }
        return read;
    }
}
