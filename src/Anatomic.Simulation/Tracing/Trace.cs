namespace Anatomic.Simulation.Tracing;

/// <summary>What happened in a run: a running hash over everything, and the events themselves up to a bound.</summary>
public sealed class Trace
{
    private readonly List<TraceEvent> kept = [];
    private readonly int keep;

    internal Trace(int keep) => this.keep = keep;

    /// <summary>Over all events so far, kept or not.</summary>
    public ulong Hash { get; private set; }

    /// <summary>Number of events so far.</summary>
    public long Count { get; private set; }

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
        if (kept.Count < keep)
        {
            kept.Add(happened);
        }
    }

    /// <summary>Null when both are equal; else a text that shows the first event in which they differ and what came before.</summary>
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
        var before = first.kept.Skip(Math.Max(0, at - ShownBefore)).Take(Math.Min(at, ShownBefore));
        return $"event {at} differs\n  first:  {Show(first, at)}\n  second: {Show(second, at)}\n  after:\n    "
            + string.Join("\n    ", before);
    }

    private const int ShownBefore = 12; // enough to see what led to it, short enough for a test report

    private static string Show(Trace trace, int at) =>
        at < trace.kept.Count ? trace.kept[at].ToString()
        : trace.Count > trace.kept.Count ? "(beyond the events kept)"
        : "(ended)";
}
