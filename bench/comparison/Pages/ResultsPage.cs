using System.Text;
using Anatomic.Comparison.CommandLine;
using Anatomic.Comparison.Results;

namespace Anatomic.Comparison.Pages;

/// <summary>
/// Writes index.html beside the results: the newest run of each scenario as charts. The page is self-contained, without
/// scripts.
/// </summary>
internal static class ResultsPage
{
    private const string FileName = "index.html";

    public static int Start(Arguments arguments)
    {
        var folder = new ResultsFolder(arguments.Text("--results") ?? ResultsFolder.DefaultPath);
        arguments.RejectUnknown();
        var file = folder.PathOf(FileName);
        File.WriteAllText(file, Write(folder.ReadAll()));
        Console.WriteLine($"wrote {file}");
        return 0;
    }

    /// <param name="runs">With the names of their files, oldest first.</param>
    private static string Write(IReadOnlyList<StoredRun> runs)
    {
        var html = new StringBuilder();
        html.Append(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Anatomic: measurements</title>
            <style>
            {Style()}</style>
            </head>
            <body>
            <header>
            <h1>Anatomic beside other trackers</h1>
            <p>The newest run of each scenario. Compare the bars within a card: absolute values say more about a machine
            than about a program. The <a href="../README.md">README</a> explains the scenarios and metrics.</p>
            <p class="legend"><span><i class="node"></i>this node</span>
            <span><i class="tracker"></i>other trackers</span>
            <span><i class="baseline"></i>baseline, a server that only responds</span>
            <span><i class="spread"></i>quartiles</span></p>
            </header>
            <main>

            """
        );
        foreach (var section in PageSection.All)
        {
            WriteSection(html, section, runs);
        }
        RunTable.Write(html, runs);
        html.Append("</main>\n</body>\n</html>\n");
        return html.ToString();
    }

    private static void WriteSection(StringBuilder html, PageSection section, IReadOnlyList<StoredRun> runs)
    {
        var names = runs.SelectMany(stored => stored.Run.Scenarios)
            .Select(scenario => scenario.Name)
            .Distinct()
            .Where(section.Holds)
            .Order(section)
            .ToList();
        if (names.Count == 0)
        {
            return;
        }
        html.Append($"<section>\n<h2>{section.Title}</h2>\n<div class=\"cards\">\n");
        foreach (var name in names)
        {
            ScenarioCard.Write(html, section, ScenarioHistory.Of(name, section, runs));
        }
        html.Append("</div>\n</section>\n");
    }

    private static string Style()
    {
        using var stream = typeof(ResultsPage).Assembly.GetManifestResourceStream("page.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
