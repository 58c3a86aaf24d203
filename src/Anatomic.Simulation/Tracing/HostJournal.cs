using System.Diagnostics.CodeAnalysis;
using System.Text;
using Anatomic.Simulation.Scheduling;
using Anatomic.World;

namespace Anatomic.Simulation.Tracing;

/// <summary>The last events that the programs of one host told, as lines: <c>plant.taken order=… swarms=1</c>.</summary>
public sealed class HostJournal
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
internal sealed class SimulatedJournal(HostLife life, HostJournal kept) : IJournal
{
    public bool Keeps(JournalLevel level) => true;

    public void Write(JournalLevel level, [ConstantExpected] string name, params ReadOnlySpan<JournalFact> facts)
    {
        var line = new StringBuilder(name);
        foreach (var fact in facts)
        {
            line.Append(' ').Append(fact.Name).Append('=').Append(fact.Text);
        }
        Add(level, line.ToString());
    }

    public void WriteFault(Exception fault) => Add(JournalLevel.Error, $"fault type={fault.GetType().Name}");

    private void Add(JournalLevel level, string line)
    {
        kept.Add(line);
        life.Scheduler.Add(life, TraceKind.Journal, line, (long)level);
    }
}
