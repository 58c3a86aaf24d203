using Anatomic.Simulation.Scheduling;

namespace Anatomic.Simulation;

/// <summary>
/// The newest events that the programs of one host logged, as lines: <c>plant.accepted order=… swarms=1</c>. It
/// survives crashes.
/// </summary>
public sealed class HostEventLog
{
    private readonly Queue<string> lines = new();

    /// <summary>Oldest first; at most 10,000.</summary>
    public IReadOnlyCollection<string> Lines => lines;

    internal void Add(string line)
    {
        lines.Enqueue(line);
        if (lines.Count > SimulationLimits.MaxLogLines)
        {
            lines.Dequeue();
        }
    }
}
