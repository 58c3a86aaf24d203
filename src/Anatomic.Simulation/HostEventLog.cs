using System.Diagnostics.CodeAnalysis;
using System.Text;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.World;

namespace Anatomic.Simulation;

/// <summary>The last events that the programs of one host told, as lines: <c>plant.accepted order=… swarms=1</c>.</summary>
public sealed class HostEventLog
{
    /// <summary>A scenario of hours tells more than anybody reads; the trace's digest has all of them.</summary>
    private const int MaxKept = 10_000;

    private readonly Queue<string> lines = new();

    public IReadOnlyCollection<string> Lines => lines;

    internal void Add(string line)
    {
        lines.Enqueue(line);
        if (lines.Count > MaxKept)
        {
            lines.Dequeue();
        }
    }
}

/// <summary>The journal of one life of a host: every event is part of the trace.</summary>
internal sealed class SimulatedEventLog(HostProcess process, HostEventLog kept) : IEventLog
{
    public bool IsEnabled(EventLevel level) => true;

    public void Write(EventLevel level, [ConstantExpected] string name, params ReadOnlySpan<EventField> facts)
    {
        var line = new StringBuilder(name);
        foreach (var fact in facts)
        {
            line.Append(' ').Append(fact.Name).Append('=').Append(fact.Text);
        }
        Add(level, line.ToString());
    }

    public void WriteException(Exception fault) => Add(EventLevel.Error, $"fault type={fault.GetType().Name}");

    private void Add(EventLevel level, string line)
    {
        kept.Add(line);
        process.Scheduler.Add(process, TraceKind.EventLog, line, (long)level);
    }
}
