using System.Text.RegularExpressions;

namespace Anatomic.Architecture.Tests;

/// <summary>Lines, links and settings that people read.</summary>
public static partial class TextRules
{
    /// <summary>What fits beside a diff on a usual screen.</summary>
    public const int MaxLineLength = 120;

    /// <summary>Source lines longer than <see cref="MaxLineLength"/>.</summary>
    public static IEnumerable<string> SourceLines(Repository repository) =>
        from file in repository.Sources("src", "tests", "bench", "eng")
        from line in repository.Read(file).Split('\n').Index()
        where line.Item.TrimEnd('\r').EnumerateRunes().Count() > MaxLineLength
        select $"{file}:{line.Index + 1} is longer than {MaxLineLength} characters";

    /// <summary>Lines of documents that are too long; tables, links alone on a line and code may be longer.</summary>
    public static IEnumerable<string> DocumentLines(Repository repository) =>
        from file in repository.Documents()
        from line in Prose(repository.Read(file))
        where line.Text.EnumerateRunes().Count() > MaxLineLength
        select $"{file}:{line.Number} is longer than {MaxLineLength} characters";

    /// <summary>Relative links in documents that lead to no file.</summary>
    public static IEnumerable<string> Links(Repository repository) =>
        from file in repository.Documents()
        from Match link in Link().Matches(repository.Read(file))
        let target = link.Groups["target"].Value
        where !target.Contains(':', StringComparison.Ordinal)
        let path = Path.Combine(Path.GetDirectoryName(file) ?? "", target)
        where
            !File.Exists(Path.Combine(repository.Root, path)) && !Directory.Exists(Path.Combine(repository.Root, path))
        select $"{file} links to {target}, which does not exist";

    /// <summary>A diagnostic that is switched off without a comment in the line above it.</summary>
    public static IEnumerable<string> Diagnostics(Repository repository)
    {
        var previous = "";
        foreach (var line in repository.Read(".editorconfig").Split('\n'))
        {
            if (line.Contains("severity = none", StringComparison.Ordinal) && !previous.StartsWith('#'))
            {
                yield return $".editorconfig: {line} has no reason in the line above";
            }
            previous = line;
        }
    }

    private static IEnumerable<(int Number, string Text)> Prose(string document)
    {
        var isCode = false;
        foreach (var (index, line) in document.Split('\n').Index())
        {
            isCode ^= line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            if (
                !isCode
                && !line.TrimStart().StartsWith('|')
                && !line.TrimStart().StartsWith("![", StringComparison.Ordinal)
            )
            {
                yield return (index + 1, line);
            }
        }
    }

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();
}
