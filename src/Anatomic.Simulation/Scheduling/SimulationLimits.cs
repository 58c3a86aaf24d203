namespace Anatomic.Simulation.Scheduling;

/// <summary>Limits of a run, so that a scenario that never ends fails with an error instead of hanging.</summary>
public sealed record SimulationLimits
{
    /// <summary>
    /// Log lines that a host keeps for assertions; older ones are dropped. The trace's hash covers all of them.
    /// </summary>
    internal const int MaxLogLines = 10_000;

    /// <summary>Simulated time from the start; beyond it the run fails. Default: 6 hours.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromHours(6);

    /// <summary>Scheduler steps; beyond them the run fails. Default: 20 million, about 20 s on one core.</summary>
    public long MaxSteps { get; init; } = 20_000_000;

    /// <summary>Simulated time between two checks of the invariants. Default: 1 s.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Trace events kept to show where two runs differ; later events only count in the trace's hash. Default: 2
    /// million.
    /// </summary>
    public int MaxTraceEvents { get; init; } = 2_000_000;
}
