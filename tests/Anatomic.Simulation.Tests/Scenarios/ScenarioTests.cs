using Anatomic.Simulation.Scenarios;
using Anatomic.Simulation.Scheduling;
using Xunit.Abstractions;

namespace Anatomic.Simulation.Tests.Scenarios;

/// <summary>Every scenario of the catalog, with several seeds.</summary>
public class ScenarioTests(ITestOutputHelper output)
{
    private const ulong Seeds = 4; // a few per build; eng/simulate.cs runs more

    public static TheoryData<string, ulong> Cases()
    {
        var cases = new TheoryData<string, ulong>();
        foreach (var scenario in ScenarioCatalog.All)
        {
            // Large swarms take seconds each.
            var seeds = CrowdScenarioCatalog.All.Contains(scenario) ? 1 : Seeds;
            for (var seed = 1UL; seed <= seeds; seed++)
            {
                cases.Add(scenario.Name, seed);
            }
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_scenario_succeeds_and_repeats_exactly(string name, ulong seed)
    {
        var result = ScenarioCatalog.Find(name)!.Run(seed);
        output.WriteLine(
            $"{result.Steps:N0} steps, {result.Events:N0} events, {result.Time.TotalSeconds:F1} s simulated"
        );
    }

    [Fact]
    public void Names_are_unique_and_descriptions_are_sentences()
    {
        ScenarioCatalog.All.Select(scenario => scenario.Name).ShouldBeUnique();
        ScenarioCatalog.All.ShouldAllBe(scenario => scenario.Description.EndsWith('.'));
    }

    [Fact]
    public void A_failure_names_the_command_that_repeats_it()
    {
        var scenario = new Scenario("broken", "It fails.", _ => throw new InvalidDataException("no such thing"));

        var failed = Should.Throw<SimulationException>(() => scenario.Run(7));

        failed.Message.ShouldStartWith("broken: seed 7: ");
        failed.Message.ShouldEndWith("dotnet run eng/simulate.cs -- --scenario broken --seed 7");
        failed.InnerException.ShouldBeOfType<InvalidDataException>();
    }
}
