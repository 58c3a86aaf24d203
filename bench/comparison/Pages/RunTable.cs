using System.Text;
using Anatomic.Comparison.Results;

namespace Anatomic.Comparison.Pages;

/// <summary>The list of all runs at the end of the page.</summary>
internal static class RunTable
{
    /// <param name="runs">Oldest first; the newest is listed first.</param>
    public static void Write(StringBuilder html, IReadOnlyList<StoredRun> runs)
    {
        html.Append("<section>\n<h2>Runs</h2>\n<dl>\n");
        foreach (var (file, run) in runs.Reverse())
        {
            var machine = run.Machine;
            string?[] facts =
            [
                machine.Cpu,
                machine.Cores is { } cores ? $"{cores} cores" : null,
                machine.Kernel is { } kernel ? $"Linux {kernel}" : null,
                machine.Runtime,
            ];
            html.Append($"<dt><a href=\"{Text.Encode(file)}\">{Text.Encode(file)}</a></dt>\n<dd>");
            html.Append(Text.Encode(string.Join(", ", facts.Where(fact => fact is not null))));
            html.Append($"<br>{Text.Encode(string.Join("; ", run.Servers.Select(Describe)))}");
            html.Append($"<br>{Text.Encode(run.Source)}");
            if (run.Note is { } note)
            {
                html.Append($"<br>{Text.Encode(note)}");
            }
            html.Append("</dd>\n");
        }
        html.Append("</dl>\n</section>\n");
    }

    private static string Describe(ServerRecord server) =>
        server.Version is { } version ? $"{server.Name} {version}" : server.Name;
}
