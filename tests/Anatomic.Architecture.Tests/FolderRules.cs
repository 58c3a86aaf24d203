namespace Anatomic.Architecture.Tests;

/// <summary>A use against the direction in which the folders of a room depend on each other.</summary>
/// <param name="From">The namespace that uses.</param>
/// <param name="To">The namespace that is used.</param>
/// <param name="Because">Why it stays.</param>
public sealed record FolderExemption(string From, string To, string Because);

/// <summary>Folders inside a room depend one way only.</summary>
public static class FolderRules
{
    /// <summary>More exemptions than this make the rule worthless.</summary>
    public const int MaxExemptions = 6;

    /// <summary>The uses that stay against the direction. The list may only shrink.</summary>
    public static readonly IReadOnlyList<FolderExemption> Exemptions = [];

    /// <summary>
    /// One sentence for each use that closes a circle of folders, and for each exemption that is not needed.
    /// </summary>
    public static IEnumerable<string> Cycles(IReadOnlyList<FolderUse> uses, IReadOnlyList<FolderExemption> exemptions)
    {
        HashSet<(string From, string To)> all = [.. uses.Select(use => (use.FromFolder, use.ToFolder))];
        List<(string From, string To)> kept = [.. all.Except(exemptions.Select(one => (one.From, one.To)))];
        foreach (var (from, to) in kept.Where(edge => Reaches(kept, edge.To, edge.From)).Order())
        {
            var example = uses.First(use => use.FromFolder == from && use.ToFolder == to);
            yield return $"{from} uses {to} ({example.FromType} uses {example.ToType}), and {to} leads back to {from}";
        }
        foreach (var exemption in exemptions)
        {
            var edge = (exemption.From, exemption.To);
            if (!all.Contains(edge) || !Reaches([.. kept, edge], exemption.To, exemption.From))
            {
                yield return $"the exemption {exemption.From} → {exemption.To} is not needed: remove it";
            }
            if (exemption.Because.Length < 10)
            {
                yield return $"the exemption {exemption.From} → {exemption.To} has no reason";
            }
        }
        if (exemptions.Count > MaxExemptions)
        {
            yield return $"{exemptions.Count} exemptions, more than {MaxExemptions}";
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
