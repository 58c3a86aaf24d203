namespace Anatomic.Simulation.Scheduling;

/// <summary>What bounds a run, so that a scenario that never ends is a clear error and not a hanging process.</summary>
public sealed record SimulationLimits
{
    /// <summary>Simulated time from the start; beyond it the run fails. Default: 6 hours.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromHours(6);

    /// <summary>Steps of the scheduler; beyond it the run fails. Default: 20 million, some 20 s of a core.</summary>
    public long Steps { get; init; } = 20_000_000;

    /// <summary>Simulated time between two rounds of the checkers. Default: 1 s.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Trace events kept to show where two runs part; the running hash covers all of them. Default: 2 million.</summary>
    public int MaxTraceEvents { get; init; } = 2_000_000;
}
