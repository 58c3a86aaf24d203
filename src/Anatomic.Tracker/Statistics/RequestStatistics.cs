namespace Anatomic.Tracker.Statistics;

/// <summary>
/// Counts requests by outcome, and their latencies. Any thread may count, and none waits for another.
/// </summary>
internal sealed class RequestStatistics
{
    /// <summary>
    /// Threads with counters of their own: far more than a machine has loops. All of them take about 150 KiB.
    /// </summary>
    private const int MaxThreadCounters = 128;

    private static readonly TrackerProtocol[] Protocols = Enum.GetValues<TrackerProtocol>();
    private static readonly RequestOutcome[] Outcomes = Enum.GetValues<RequestOutcome>();
    private static readonly RequestKind[] Kinds = Enum.GetValues<RequestKind>();

    /// <summary>Threads are numbered at first use, for all trackers of the process. 0: not numbered yet.</summary>
    [ThreadStatic]
    private static int threadNumber;
    private static int lastThreadNumber;

    private readonly RequestCounters?[] perThread = new RequestCounters?[MaxThreadCounters];
    private readonly RequestCounters shared = new(isShared: true);

    /// <summary>The calling thread's counters. They must not be kept or passed to another thread.</summary>
    public RequestCounters Current
    {
        get
        {
            var number = threadNumber;
            if (number == 0)
            {
                threadNumber = number = Interlocked.Increment(ref lastThreadNumber);
            }
            return (uint)number < MaxThreadCounters
                ? perThread[number] ??= new RequestCounters(isShared: false)
                : shared;
        }
    }

    /// <summary>Successful announces since the start.</summary>
    public long Announces()
    {
        var sum = 0L;
        foreach (var protocol in Protocols)
        {
            sum += Read(protocol, RequestOutcome.Announced);
        }
        return sum;
    }

    public IReadOnlyList<RequestCount> ReadCounts() =>
        [
            .. from protocol in Protocols
            from outcome in Outcomes
            select new RequestCount(protocol, outcome, Read(protocol, outcome)),
        ];

    public IReadOnlyList<LatencyHistogram> ReadLatencies() =>
        [.. from protocol in Protocols from kind in Kinds select ReadLatency(protocol, kind)];

    private long Read(TrackerProtocol protocol, RequestOutcome outcome)
    {
        var sum = shared.Read(protocol, outcome);
        foreach (var counters in perThread)
        {
            sum += counters?.Read(protocol, outcome) ?? 0;
        }
        return sum;
    }

    private LatencyHistogram ReadLatency(TrackerProtocol protocol, RequestKind kind)
    {
        var buckets = new long[LatencyHistogram.BucketCount];
        var sum = TimeSpan.Zero;
        foreach (var counters in perThread.Append(shared))
        {
            for (var bucket = 0; bucket < buckets.Length; bucket++)
            {
                buckets[bucket] += counters?.ReadBucket(protocol, kind, bucket) ?? 0;
            }
            sum += counters?.ReadSum(protocol, kind) ?? TimeSpan.Zero;
        }
        return new LatencyHistogram(protocol, kind, buckets, sum);
    }
}
