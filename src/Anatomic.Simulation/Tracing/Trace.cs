namespace Anatomic.Simulation.Tracing;

/// <summary>Everything that happened in a run: a hash over all events, and the first events themselves.</summary>
public sealed class Trace
{
    private const int EventsShownBefore = 12; // enough to see the cause, short enough for a test report
    private readonly List<TraceEvent> kept = [];
    private readonly int maxKept;
    private readonly Action<TraceEvent>? observer;

    internal Trace(int maxKept, Action<TraceEvent>? observer = null)
    {
        this.maxKept = maxKept;
        this.observer = observer;
    }

    /// <summary>Covers every event so far, kept or not.</summary>
    public ulong Hash { get; private set; }

    /// <summary>Number of events so far, kept or not.</summary>
    public long Count { get; private set; }

    /// <summary>The first events of the run, up to <see cref="Scheduling.SimulationLimits.MaxTraceEvents"/>.</summary>
    public IReadOnlyList<TraceEvent> Kept => kept;

    internal void Add(in TraceEvent happened)
    {
        Count++;
        var digest = StableHash.Add(Hash, (ulong)happened.Step);
        digest = StableHash.Add(digest, (ulong)happened.Time.Ticks);
        digest = StableHash.Add(digest, happened.Host);
        digest = StableHash.Add(digest, (ulong)happened.Kind);
        digest = StableHash.Add(digest, happened.Subject);
        digest = StableHash.Add(digest, (ulong)happened.Number);
        Hash = StableHash.Add(digest, happened.Digest);
        if (kept.Count < maxKept)
        {
            kept.Add(happened);
        }
        observer?.Invoke(happened);
    }

    /// <summary>
    /// Null when both traces are equal; otherwise a text with the first event that differs and the events before it.
    /// </summary>
    public static string? Difference(Trace first, Trace second)
    {
        if (first.Hash == second.Hash && first.Count == second.Count)
        {
            return null;
        }
        var shared = Math.Min(first.kept.Count, second.kept.Count);
        var at = 0;
        while (at < shared && first.kept[at] == second.kept[at])
        {
            at++;
        }
        var before = first.kept.Skip(Math.Max(0, at - EventsShownBefore)).Take(Math.Min(at, EventsShownBefore));
        return $"event {at} differs\n  first:  {Describe(first, at)}\n  second: {Describe(second, at)}\n  after:\n    "
            + string.Join("\n    ", before);
    }

    private static string Describe(Trace trace, int at) =>
        at < trace.kept.Count ? $"{trace.kept[at]} (step {trace.kept[at].Step})"
        : trace.Count > trace.kept.Count ? "(not among the events kept)"
        : "(the run has ended)";
}
