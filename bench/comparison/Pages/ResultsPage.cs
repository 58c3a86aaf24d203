using Anatomic.Comparison.CommandLine;

namespace Anatomic.Comparison.Pages;

internal static class ResultsPage
{
    public static int Start(Arguments a) => 0;
}
