using Spectre.Console;
using Spectre.Console.Rendering;

namespace Anatomic.Cli.Display;

/// <summary>Draws progress over a known number of bytes: hashing, verifying.</summary>
internal static class ProgressBarView
{
    /// <summary>With the longest label and sizes, the line stays within 80 columns.</summary>
    private const int Width = 30;

    public static IRenderable Render(string label, long done, long total) =>
        new Markup(
            $"{Markup.Escape(label)} {BarAndPercent(done, total, Width)}  "
                + $"{HumanFormat.Bytes(done)} of {HumanFormat.Bytes(total)}"
        );

    /// <summary>A bar of <paramref name="width"/> characters with its percentage, as markup.</summary>
    public static string BarAndPercent(long done, long total, int width)
    {
        var full = total <= 0 ? 0 : (int)Math.Clamp((double)done / total * width, 0, width);
        var bar = $"[green]{new string('━', full)}[/][grey]{new string('─', width - full)}[/]";
        return $"{bar} {HumanFormat.Percent(done, total), 3} %";
    }
}
