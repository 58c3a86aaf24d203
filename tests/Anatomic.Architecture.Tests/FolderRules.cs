namespace Anatomic.Architecture.Tests;

/// <summary>A use against the direction in which the folders of a room depend on each other.</summary>
/// <param name="From">The namespace that uses.</param>
/// <param name="To">The namespace that is used.</param>
/// <param name="Because">Why it stays.</param>
public sealed record FolderException(string From, string To, string Because);

/// <summary>Folders inside a room depend one way only.</summary>
public static class FolderRules
{
    /// <summary>More exceptions than this make the rule worthless.</summary>
    public const int MaxExceptions = 6;

    /// <summary>The uses that stay against the direction. The list may only shrink.</summary>
    public static readonly IReadOnlyList<FolderException> Exceptions = [];

    /// <summary>One sentence for each use that closes a circle of folders, and for each exception that is not needed.</summary>
    public static IEnumerable<string> Cycles(IReadOnlyList<FolderUse> uses, IReadOnlyList<FolderException> exceptions)
    {
        HashSet<(string From, string To)> all = [.. uses.Select(use => (use.FromFolder, use.ToFolder))];
        List<(string From, string To)> kept = [.. all.Except(exceptions.Select(one => (one.From, one.To)))];
        foreach (var (from, to) in kept.Where(edge => Reaches(kept, edge.To, edge.From)).Order())
        {
            var example = uses.First(use => use.FromFolder == from && use.ToFolder == to);
            yield return $"{from} uses {to} ({example.FromType} uses {example.ToType}), and {to} leads back to {from}";
        }
        foreach (var exception in exceptions)
        {
            var edge = (exception.From, exception.To);
            if (!all.Contains(edge) || !Reaches([.. kept, edge], exception.To, exception.From))
            {
                yield return $"the exception {exception.From} → {exception.To} is not needed: remove it";
            }
            if (exception.Because.Length < 10)
            {
                yield return $"the exception {exception.From} → {exception.To} has no reason";
            }
        }
        if (exceptions.Count > MaxExceptions)
        {
            yield return $"{exceptions.Count} exceptions, more than {MaxExceptions}";
        }
    }

    private static bool Reaches(IReadOnlyList<(string From, string To)> edges, string from, string to)
    {
        HashSet<string> reached = [from];
        var open = new Queue<string>(reached);
        while (open.TryDequeue(out var folder))
        {
            foreach (var next in edges.Where(edge => edge.From == folder).Select(edge => edge.To))
            {
                if (reached.Add(next))
                {
                    open.Enqueue(next);
                }
            }
        }
        return reached.Contains(to);
    }
}
