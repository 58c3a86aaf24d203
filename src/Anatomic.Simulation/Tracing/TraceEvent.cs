namespace Anatomic.Simulation.Tracing;

/// <summary>One thing that happened in a simulation.</summary>
/// <param name="Step">
/// The scheduler's step count. Two runs with equal events differ here when they ran different numbers of continuations.
/// </param>
/// <param name="Time">Simulated time since the start.</param>
/// <param name="Host">The host's name; empty for the scenario itself.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Subject">The other side, or the name of the file, store or log event; depends on the kind.</param>
/// <param name="Number">A length, offset, status or count; depends on the kind.</param>
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
    private const string ScenarioName = "(scenario)";

    /// <summary>The subject, number and digest under the names that they have for this kind.</summary>
    public string Facts =>
        Kind switch
        {
            TraceKind.Note => Subject,
            TraceKind.TimerFired or TraceKind.WorkDone => "",
            TraceKind.Connecting => $"to={Subject}",
            TraceKind.ConnectionRefused or TraceKind.ConnectionAccepted => $"from={Subject}",
            TraceKind.BytesReceived or TraceKind.DatagramReceived => $"from={Subject} bytes={Number}{DigestFact}",
            TraceKind.StreamEnded or TraceKind.ConnectionReset => $"from={Subject}",
            TraceKind.DatagramDropped => $"{Subject} bytes={Number}",
            TraceKind.RequestReceived => $"{Subject} body={Number}{DigestFact}",
            TraceKind.ResponseReceived => $"from={Subject} status={Number}{DigestFact}",
            TraceKind.Opened => $"name={Subject} length={Number}",
            TraceKind.FileRead or TraceKind.FileWritten => $"path={Subject} offset={Number}{DigestFact}",
            TraceKind.FileFlushed => $"path={Subject} length={Number}",
            TraceKind.FileRenamed or TraceKind.FileDeleted => $"path={Subject}",
            TraceKind.CommitStarted => $"store={Subject} changes={Number}",
            TraceKind.HostCrashed or TraceKind.HostRestarted => "",
            TraceKind.NetworkPartitioned or TraceKind.NetworkHealed => $"hosts={Subject}",
            TraceKind.LogEvent => Subject,
            TraceKind.HostAdded => $"addresses={Subject}",
            _ => $"{Subject} {Number}{DigestFact}",
        };

    // Half of the digest is enough to recognize equal messages.
    private string DigestFact => Digest == 0 ? "" : $" digest={Digest >> 32:x8}";

    /// <summary>One line: seconds since the start, host, kind and facts.</summary>
    public override string ToString()
    {
        var host = Host.Length == 0 ? ScenarioName : Host;
        return $"{Time.TotalSeconds, 12:F6}  {host, -14} {Kind, -18} {Facts}".TrimEnd();
    }
}
