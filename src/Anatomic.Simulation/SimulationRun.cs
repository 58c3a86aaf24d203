using System.Runtime.CompilerServices;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;

namespace Anatomic.Simulation;

/// <summary>What a successful run looked like.</summary>
/// <param name="Seed">The seed that repeats it.</param>
/// <param name="Events">Number of trace events.</param>
/// <param name="Steps">Number of scheduler steps.</param>
/// <param name="Time">Simulated time.</param>
/// <param name="Hash">A hash of the whole trace.</param>
public sealed record SimulationResult(ulong Seed, long Events, long Steps, TimeSpan Time, ulong Hash);

/// <summary>Runs a scenario twice with the same seed and compares the two traces.</summary>
public static class SimulationRun
{
    /// <param name="seed">Decides everything that is random in the run.</param>
    /// <param name="scenario">Called once per run, with a new simulator.</param>
    /// <param name="limits">Null for the defaults.</param>
    /// <param name="observer">Gets each trace event of the first run as it happens, also when the run fails.</param>
    /// <exception cref="SimulationException">
    /// The scenario failed, or the traces differ; the message names the seed.
    /// </exception>
    public static SimulationResult Execute(
        ulong seed,
        Func<Simulator, Task> scenario,
        SimulationLimits? limits = null,
        Action<TraceEvent>? observer = null
    )
    {
        var (result, first) = RunOnce(seed, scenario, limits ?? new SimulationLimits(), observer);
        var (_, second) = RunOnce(seed, scenario, limits ?? new SimulationLimits(), observer: null);
        if (Trace.Difference(first, second) is { } difference)
        {
            throw new SimulationException(
                SimulationFault.Nondeterminism,
                $"seed {seed}: two runs with the same seed differ: {difference}"
            );
        }
        return result;
    }

    private static (SimulationResult Result, Trace Trace) RunOnce(
        ulong seed,
        Func<Simulator, Task> scenario,
        SimulationLimits limits,
        Action<TraceEvent>? observer
    )
    {
        var unobserved = new List<Exception>();
        void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs args)
        {
            lock (unobserved)
            {
                unobserved.Add(args.Exception);
            }
        }
        var simulator = new Simulator(seed, limits, observer);
        TaskScheduler.UnobservedTaskException += OnUnobserved;
        try
        {
            Run(seed, simulator, scenario);
            // Only tasks that nothing can observe any more are collected: the simulator and all that it holds stay
            // reachable.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.KeepAlive(simulator);
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= OnUnobserved;
        }
        if (unobserved.Count > 0)
        {
            var first = unobserved[0].InnerException ?? unobserved[0];
            throw new SimulationException(
                SimulationFault.Unobserved,
                $"seed {seed}: {unobserved.Count} tasks failed unobserved; the first: {first.Message}",
                first
            );
        }
        var trace = simulator.Trace;
        return (new SimulationResult(seed, trace.Count, simulator.Steps, simulator.Now, trace.Hash), trace);
    }

    // Not inlined, so that no local variable of the scenario keeps a failed task reachable.
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
                SimulationFault.ScenarioFailed,
                $"seed {seed}: at {simulator.Now.TotalSeconds:F3} s simulated: {failed.Message}",
                failed
            );
        }
    }
}
