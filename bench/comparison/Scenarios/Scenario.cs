using Anatomic.Comparison.Load;
using Anatomic.Comparison.Measurements;
using Anatomic.Comparison.Servers;

namespace Anatomic.Comparison.Scenarios;

/// <summary>One load that all servers are compared under.</summary>
/// <param name="Name">Its name on the command line and in the results.</param>
/// <param name="About">What it does, in one line.</param>
/// <param name="Population">The peers that every tracker holds beforehand.</param>
/// <param name="CanRun">Which servers can take part.</param>
/// <param name="Run">One turn of one server; the number of the round is its seed.</param>
internal sealed record Scenario(
    string Name,
    string About,
    Func<Populations, Population> Population,
    Func<Server, bool> CanRun,
    Func<Server, Population, ComparisonOptions, ulong, Round> Run
);
