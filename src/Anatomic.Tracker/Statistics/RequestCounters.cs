namespace Anatomic.Tracker.Statistics;

/// <summary>
/// What one thread has counted. Written by its owner alone, with plain additions that share no cache line with another thread's;
/// only the tally of those that have none of their own is added to atomically.
/// </summary>
internal sealed class RequestCounters(bool isShared)
{
    private static readonly int Protocols = Enum.GetValues<TrackerProtocol>().Length;
    private static readonly int Outcomes = Enum.GetValues<RequestOutcome>().Length;
    private static readonly int Kinds = Enum.GetValues<RequestKind>().Length;

    /// <summary>128 bytes on either side: processors fetch cache lines of 64 bytes in pairs.</summary>
    private const int Padding = 16;

    /// <summary>The buckets of a histogram, then the sum of its times.</summary>
    private const int CellsPerHistogram = LatencyHistogram.BucketCount + 1;

    private readonly long[] cells = new long[
        Padding + (Protocols * Outcomes) + (Protocols * Kinds * CellsPerHistogram) + Padding
    ];

    public void Count(TrackerProtocol protocol, RequestOutcome outcome) => Add(At(protocol, outcome), 1);

    /// <param name="protocol">The protocol.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="elapsed">How long each of them took.</param>
    /// <param name="requests">How many; 0: nothing is noted.</param>
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
