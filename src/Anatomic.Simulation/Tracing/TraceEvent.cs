namespace Anatomic.Simulation.Tracing;

public enum TraceKind
{
    Scenario,
    Timer,
    Dial,
    Refuse,
    Accept,
    Bytes,
    End,
    Break,
    Datagram,
    DatagramLost,
    Ask,
    Reply,
    Work,
    Open,
    Read,
    Write,
    Flush,
    Rename,
    Delete,
    Commit,
    Crash,
    Restart,
    Partition,
    Heal,
    EventLog,
}

/// <summary>One thing that happened.</summary>
/// <param name="Step">The scheduler's step count; it differs, too, when only the number of continuations does.</param>
/// <param name="Time">Since the start.</param>
/// <param name="Host">Where; empty for the scenario itself.</param>
/// <param name="Kind">What.</param>
/// <param name="Subject">With whom, or which file, table or name.</param>
/// <param name="Number">A length, status or count.</param>
/// <param name="Digest">A digest of the bytes that moved; 0 when none did.</param>
public readonly record struct TraceEvent(
    long Step,
    TimeSpan Time,
    string Host,
    TraceKind Kind,
    string Subject,
    long Number,
    ulong Digest
)
{
    public override string ToString() =>
        $"{Time.TotalSeconds, 12:F6} step {Step} {Host} {Kind} {Subject} {Number} {Digest:x16}";
}
