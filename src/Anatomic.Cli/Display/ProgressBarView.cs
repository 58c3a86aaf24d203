using Spectre.Console;
using Spectre.Console.Rendering;

namespace Anatomic.Cli.Display;

/// <summary>Work over a known number of bytes, as a bar: hashing, checking.</summary>
internal static class ProgressBarView
{
    private const int Width = 40;

    public static IRenderable Of(string what, long done, long total) =>
        new Markup(
            $"{Markup.Escape(what)} {Bar(done, total, Width)} {HumanFormat.Percent(done, total), 3} %  "
                + $"{HumanFormat.Bytes(done)} of {HumanFormat.Bytes(total)}"
        );

    /// <summary>A bar of <paramref name="width"/> letters, as markup.</summary>
    public static string Bar(long done, long total, int width)
    {
        var full = total <= 0 ? 0 : (int)Math.Clamp((double)done / total * width, 0, width);
        return $"[green]{new string('━', full)}[/][grey]{new string('─', width - full)}[/]";
    }
}
