using Anatomic.Simulation.Scheduling;

namespace Anatomic.Simulation;

/// <summary>
/// A simulation that goes on between calls, unlike <see cref="SimulationRun"/>: a fuzzer builds a world once and uses
/// it for many inputs. Everything runs on the caller's thread.
/// </summary>
public sealed class SteppedSimulation
{
    private readonly Simulator simulator;

    /// <param name="seed">Decides everything that is random.</param>
    public SteppedSimulation(ulong seed) =>
        simulator = new Simulator(
            seed,
            new SimulationLimits
            {
                MaxSteps = long.MaxValue,
                MaxTime = TimeSpan.MaxValue,
                MaxTraceEvents = 0,
            },
            observer: null
        );

    /// <summary>Runs until the task completes, then checks the invariants. Time stands still between calls.</summary>
    /// <exception cref="SimulationException">An invariant does not hold, or a host's code failed.</exception>
    public void Run(Func<Simulator, Task> step) => simulator.Continue(step);
}
