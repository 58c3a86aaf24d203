using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;

namespace Anatomic.Simulation.Scenarios;

/// <summary>A named scenario of the catalog.</summary>
/// <param name="Name">Short, unique and stable.</param>
/// <param name="Description">One sentence that says what must hold.</param>
/// <param name="Body">Runs the scenario in a new simulator.</param>
public sealed record Scenario(string Name, string Description, Func<Simulator, Task> Body)
{
    /// <summary>The command that repeats the scenario with this seed and prints its trace.</summary>
    public string RepeatCommand(ulong seed) => $"dotnet run eng/simulate.cs -- --scenario {Name} --seed {seed}";

    /// <inheritdoc cref="SimulationRun.Execute"/>
    /// <exception cref="SimulationException">
    /// The scenario failed; the message ends with the command that repeats it.
    /// </exception>
    public SimulationResult Run(ulong seed, SimulationLimits? limits = null, Action<TraceEvent>? observer = null)
    {
        try
        {
            return SimulationRun.Execute(seed, Body, limits, observer);
        }
        catch (SimulationException failed)
        {
            throw new SimulationException(
                failed.Kind,
                $"{Name}: {failed.Message}\nRepeat it with: {RepeatCommand(seed)}",
                failed.InnerException ?? failed
            );
        }
    }
}
