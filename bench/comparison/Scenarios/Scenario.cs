using Anatomic.Comparison.Load;
using Anatomic.Comparison.Measurements;
using Anatomic.Comparison.Servers;

namespace Anatomic.Comparison.Scenarios;

/// <summary>One thing to compare.</summary>
/// <param name="Name">How the command line calls it.</param>
/// <param name="About">What is done, in a line.</param>
/// <param name="Population">Whose peers are filled into every tracker before.</param>
/// <param name="TakesPart">Which servers can do it.</param>
/// <param name="Run">One turn of one server; the number is that of the round.</param>
internal sealed record Scenario(
    string Name,
    string About,
    Func<Populations, Population> Population,
    Func<Server, bool> TakesPart,
    Func<Server, Population, ComparisonOptions, ulong, Round> Run
);
