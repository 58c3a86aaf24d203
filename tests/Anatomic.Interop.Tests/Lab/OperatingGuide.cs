namespace Anatomic.Interop.Tests.Lab;

/// <summary>What docs/operating.md tells people to type: the tests run its very words, so that they stay true.</summary>
public static class OperatingGuide
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Programs.Repository, "docs", "operating.md"));

    /// <summary>The one fenced block of this info string that holds the text, without its fences.</summary>
    public static string Block(string info, string holding)
    {
        var blocks = Text.Split($"\n```{info}\n")
            .Skip(1)
            .Select(rest => rest[..rest.IndexOf("```", StringComparison.Ordinal)])
            .Where(block => block.Contains(holding, StringComparison.Ordinal))
            .ToList();
        blocks.Count.ShouldBe(1, $"blocks of docs/operating.md, {info}, with '{holding}'");
        return blocks[0];
    }

    /// <summary>The one thing in backquotes that begins so.</summary>
    public static string Quoted(string beginning)
    {
        var rest = Text.Split('`' + beginning);
        rest.Length.ShouldBe(2, $"quotations in docs/operating.md that begin with '{beginning}'");
        return beginning + rest[1][..rest[1].IndexOf('`', StringComparison.Ordinal)];
    }

    /// <summary>The arguments of the one command of our own program that has this flag, less the … where it is left open.</summary>
    public static IReadOnlyList<string> Command(string flag)
    {
        var words = Block("sh", flag).Split(' ', StringSplitOptions.TrimEntries);
        words[0].ShouldBe("anatomic");
        words[^1].ShouldBe("…");
        return words[1..^1];
    }

    /// <summary>The text with what a sandbox cannot have replaced; what is to be replaced must be there.</summary>
    public static string With(this string text, string shown, string here)
    {
        text.ShouldContain(shown);
        return text.Replace(shown, here, StringComparison.Ordinal);
    }
}
