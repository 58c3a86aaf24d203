namespace Anatomic.Simulation.Scheduling;

public enum SimulationFault
{
    /// <summary>The scenario itself failed: an expectation, or an exception that it did not catch.</summary>
    Scenario,

    /// <summary>Nothing is left to happen and the scenario still waits.</summary>
    Deadlock,

    /// <summary>The run passed its simulated time.</summary>
    TimeLimit,

    /// <summary>The run passed its number of steps.</summary>
    StepLimit,

    /// <summary>A callback or a flow of a host failed and nobody looked at the exception.</summary>
    Unobserved,

    /// <summary>An await came back from another thread: something waited outside of the world.</summary>
    LeftWorld,

    /// <summary>A checker found a rule broken.</summary>
    Checker,

    /// <summary>Two runs of one seed parted.</summary>
    Difference,
}

/// <summary>A run failed. The message names the seed, with which it repeats exactly.</summary>
public sealed class SimulationException(SimulationFault kind, string message, Exception? cause = null)
    : Exception(message, cause)
{
    public SimulationFault Kind { get; } = kind;
}

/// <summary>What the scenario waited for ran on a host that crashed.</summary>
public sealed class HostCrashedException(string host) : Exception($"{host} crashed")
{
    public string Host { get; } = host;
}
