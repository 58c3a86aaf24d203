using System.Runtime.CompilerServices;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;

namespace Anatomic.Simulation;

/// <param name="Seed">The seed.</param>
/// <param name="Events">Events of the trace.</param>
/// <param name="Steps">Steps of the scheduler.</param>
/// <param name="Time">Simulated time.</param>
/// <param name="Hash">Of the whole trace.</param>
public sealed record SimulationResult(ulong Seed, long Events, long Steps, TimeSpan Time, ulong Hash);

/// <summary>Runs a scenario twice with one seed; the two traces must be equal.</summary>
public static class SimulationRun
{
    /// <exception cref="SimulationException">The scenario failed, or the runs parted; the message names the seed.</exception>
    public static SimulationResult Execute(ulong seed, Func<Simulator, Task> scenario, SimulationLimits? limits = null)
    {
        var (result, first) = Once(seed, scenario, limits ?? new SimulationLimits());
        var (_, second) = Once(seed, scenario, limits ?? new SimulationLimits());
        if (Trace.Difference(first, second) is { } difference)
        {
            throw new SimulationException(
                SimulationFault.Difference,
                $"seed {seed}: two runs of the same seed parted: {difference}"
            );
        }
        return result;
    }

    private static (SimulationResult Result, Trace Trace) Once(
        ulong seed,
        Func<Simulator, Task> scenario,
        SimulationLimits limits
    )
    {
        var unobserved = new List<Exception>();
        void Note(object? sender, UnobservedTaskExceptionEventArgs args)
        {
            lock (unobserved)
            {
                unobserved.Add(args.Exception);
            }
        }
        var simulator = new Simulator(seed, limits);
        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            Run(seed, simulator, scenario);
            // The universe is still reachable here: a failed task that some living flow holds may be looked at later on.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.KeepAlive(simulator);
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }
        if (unobserved.Count > 0)
        {
            var first = unobserved[0].InnerException ?? unobserved[0];
            throw new SimulationException(
                SimulationFault.Unobserved,
                $"seed {seed}: {unobserved.Count} flows failed and nobody looked; the first: {first.Message}",
                first
            );
        }
        var trace = simulator.Trace;
        return (new SimulationResult(seed, trace.Count, simulator.Steps, simulator.Now, trace.Hash), trace);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Run(ulong seed, Simulator simulator, Func<Simulator, Task> scenario)
    {
        try
        {
            simulator.Run(scenario);
        }
        catch (SimulationException failed)
        {
            throw new SimulationException(
                failed.Kind,
                $"seed {seed}: {failed.Message}",
                failed.InnerException ?? failed
            );
        }
        catch (Exception failed)
        {
            throw new SimulationException(
                SimulationFault.Scenario,
                $"seed {seed}: at {simulator.Now.TotalSeconds:F3} s simulated: {failed.Message}",
                failed
            );
        }
    }
}
