namespace Anatomic.Simulation.Scheduling;

/// <summary>Why a run failed.</summary>
public enum SimulationFault
{
    /// <summary>The scenario itself failed: an assertion, or an exception that it did not catch.</summary>
    ScenarioFailed,

    /// <summary>No event is scheduled, and the scenario still waits.</summary>
    Deadlock,

    /// <summary>The run exceeded <see cref="SimulationLimits.MaxTime"/>.</summary>
    TimeLimit,

    /// <summary>The run exceeded <see cref="SimulationLimits.MaxSteps"/>.</summary>
    StepLimit,

    /// <summary>A callback or a task of a host failed, and no code observed the exception.</summary>
    Unobserved,

    /// <summary>
    /// A continuation came from another thread: something was awaited that the simulation does not control.
    /// </summary>
    ForeignThread,

    /// <summary>An invariant of the scenario did not hold.</summary>
    InvariantViolation,

    /// <summary>Two runs with the same seed gave different traces.</summary>
    Nondeterminism,
}

/// <summary>A run failed. The message names the seed that repeats it exactly.</summary>
public sealed class SimulationException(SimulationFault kind, string message, Exception? cause = null)
    : Exception(message, cause)
{
    public SimulationFault Kind { get; } = kind;
}

/// <summary>The scenario awaited code on a host that crashed.</summary>
public sealed class HostCrashedException(string host) : Exception($"{host} crashed")
{
    /// <summary>The host's name.</summary>
    public string Host { get; } = host;
}
