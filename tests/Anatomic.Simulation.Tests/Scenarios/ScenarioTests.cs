using Anatomic.Simulation.Scenarios;
using Xunit.Abstractions;

namespace Anatomic.Simulation.Tests.Scenarios;

/// <summary>Every scenario with several seeds, each seed twice with equal traces.</summary>
public class ScenarioTests(ITestOutputHelper output)
{
    private const ulong Seeds = 4; // a few a build; long runs take thousands

    public static TheoryData<string, ulong> Cases()
    {
        var cases = new TheoryData<string, ulong>();
        foreach (var scenario in ScenarioCatalog.All)
        {
            for (var seed = 1UL; seed <= Seeds; seed++)
            {
                cases.Add(scenario.Name, seed);
            }
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_scenario_ends_well_and_repeats_exactly(string name, ulong seed)
    {
        var result = ScenarioCatalog.Find(name)!.Run(seed);
        output.WriteLine(
            $"{result.Steps:N0} steps, {result.Events:N0} events, {result.Time.TotalSeconds:F1} s simulated"
        );
    }
}
