using System.Diagnostics.CodeAnalysis;
using System.Text;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.World;

namespace Anatomic.Simulation;

/// <summary>The event log of a host process. Every event is part of the trace.</summary>
internal sealed class SimulatedEventLog(HostProcess process, HostEventLog hostLog) : IEventLog
{
    public bool IsEnabled(EventLevel level) => true;

    public void Write(EventLevel level, [ConstantExpected] string name, params ReadOnlySpan<EventField> fields)
    {
        var line = new StringBuilder(name);
        foreach (var field in fields)
        {
            line.Append(' ').Append(field.Name).Append('=').Append(field.Text);
        }
        Add(level, line.ToString());
    }

    public void WriteException(Exception fault) => Add(EventLevel.Error, $"fault type={fault.GetType().Name}");

    private void Add(EventLevel level, string line)
    {
        hostLog.Add(line);
        process.Scheduler.Record(process, TraceKind.LogEvent, line, (long)level);
    }
}
