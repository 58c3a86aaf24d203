using System.Diagnostics.CodeAnalysis;
using Anatomic.Simulation.Scheduling;

namespace Anatomic.Simulation;

/// <summary>Assertions of a scenario.</summary>
public static class ScenarioAssert
{
    /// <exception cref="SimulationException">
    /// The condition is false; <paramref name="failure"/> is the message.
    /// </exception>
    public static void That([DoesNotReturnIf(false)] bool condition, string failure)
    {
        if (!condition)
        {
            throw Failed(failure);
        }
    }

    /// <summary>The exception of a failed scenario.</summary>
    public static SimulationException Failed(string failure) => new(SimulationFault.ScenarioFailed, failure);
}
