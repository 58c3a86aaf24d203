namespace Anatomic.Tracker.Statistics;

/// <summary>
/// The counters of one thread. Only that thread writes them, with plain additions and no false sharing. The one
/// instance for threads without their own counters is updated atomically.
/// </summary>
internal sealed class RequestCounters(bool isShared)
{
    private static readonly int Protocols = Enum.GetValues<TrackerProtocol>().Length;
    private static readonly int Outcomes = Enum.GetValues<RequestOutcome>().Length;
    private static readonly int Kinds = Enum.GetValues<RequestKind>().Length;

    /// <summary>128 bytes on either side, because processors fetch 64-byte cache lines in pairs.</summary>
    private const int Padding = 16;

    /// <summary>The buckets of a histogram, then the sum of its latencies.</summary>
    private const int CellsPerHistogram = LatencyHistogram.BucketCount + 1;

    private readonly long[] cells = new long[
        Padding + (Protocols * Outcomes) + (Protocols * Kinds * CellsPerHistogram) + Padding
    ];

    public void Count(TrackerProtocol protocol, RequestOutcome outcome) => Add(At(protocol, outcome), 1);

    /// <summary>Counts <paramref name="requests"/> requests that took <paramref name="elapsed"/> each.</summary>
    public void RecordLatency(TrackerProtocol protocol, RequestKind kind, TimeSpan elapsed, int requests)
    {
        if (requests > 0)
        {
            var at = At(protocol, kind);
            Add(at + LatencyHistogram.BucketOf(elapsed), requests);
            Add(at + LatencyHistogram.BucketCount, elapsed.Ticks * requests);
        }
    }

    public long Read(TrackerProtocol protocol, RequestOutcome outcome) =>
        Volatile.Read(ref cells[At(protocol, outcome)]);

    public long ReadBucket(TrackerProtocol protocol, RequestKind kind, int bucket) =>
        Volatile.Read(ref cells[At(protocol, kind) + bucket]);

    public TimeSpan ReadSum(TrackerProtocol protocol, RequestKind kind) =>
        new(Volatile.Read(ref cells[At(protocol, kind) + LatencyHistogram.BucketCount]));

    private static int At(TrackerProtocol protocol, RequestOutcome outcome) =>
        Padding + ((int)protocol * Outcomes) + (int)outcome;

    private static int At(TrackerProtocol protocol, RequestKind kind) =>
        Padding + (Protocols * Outcomes) + ((((int)protocol * Kinds) + (int)kind) * CellsPerHistogram);

    private void Add(int at, long by)
    {
        if (isShared)
        {
            Interlocked.Add(ref cells[at], by);
        }
        else
        {
            Volatile.Write(ref cells[at], cells[at] + by);
        }
    }
}
