namespace Anatomic.Interop.Tests.Lab;

/// <summary>
/// The commands and configurations in docs/operating.md. Tests run them, so that the document stays true.
/// </summary>
public static class OperatingGuide
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Programs.Repository, "docs", "operating.md"));

    /// <summary>The content of the only fenced block of this language that contains the text.</summary>
    public static string Block(string info, string containing)
    {
        var blocks = Text.Split($"\n```{info}\n")
            .Skip(1)
            .Select(rest => rest[..rest.IndexOf("```", StringComparison.Ordinal)])
            .Where(block => block.Contains(containing, StringComparison.Ordinal))
            .ToList();
        blocks.Count.ShouldBe(1, $"blocks of docs/operating.md, {info}, with '{containing}'");
        return blocks[0];
    }

    /// <summary>The only inline code that starts with this text.</summary>
    public static string Quoted(string beginning)
    {
        var rest = Text.Split('`' + beginning);
        rest.Length.ShouldBe(2, $"quotations in docs/operating.md that begin with '{beginning}'");
        return beginning + rest[1][..rest[1].IndexOf('`', StringComparison.Ordinal)];
    }

    /// <summary>The arguments of the only command with this flag, without the trailing ….</summary>
    public static IReadOnlyList<string> Command(string flag)
    {
        var words = Block("sh", flag).Split(' ', StringSplitOptions.TrimEntries);
        words[0].ShouldBe("anatomic");
        words[^1].ShouldBe("…");
        return words[1..^1];
    }

    /// <summary>Replaces a part that a test cannot use as shown; the part must exist.</summary>
    public static string With(this string text, string shown, string here)
    {
        text.ShouldContain(shown);
        return text.Replace(shown, here, StringComparison.Ordinal);
    }
}
