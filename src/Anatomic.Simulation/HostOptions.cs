using Anatomic.Simulation.Networks;

namespace Anatomic.Simulation;

/// <summary>Options of a simulated host.</summary>
public sealed record HostOptions
{
    /// <summary>
    /// How far the host's wall clock is ahead of the true time; negative when it is behind. Default: 0.
    /// </summary>
    public TimeSpan Skew { get; init; }

    /// <summary>The line to the internet. Default: unlimited, and everyone can dial the host.</summary>
    public LineOptions Line { get; init; } = new();

    /// <summary>Number of event loops. Default: 1.</summary>
    public int Loops { get; init; } = 1;
}
