using Anatomic.Comparison.Linux;

namespace Anatomic.Comparison.Load;

/// <summary>The outcome of a load.</summary>
internal sealed class LoadResult
{
    private readonly List<(long From, long To)> slow = [];

    /// <summary>Valid replies within the measured time.</summary>
    public long Answered { get; set; }

    /// <summary>Requests without a reply before their timeout.</summary>
    public long Lost { get; set; }

    /// <summary>Replies that do not answer their request.</summary>
    public long Invalid { get; set; }

    /// <summary>Replies that match no pending request: late or duplicate ones.</summary>
    public long Unexpected { get; set; }

    /// <summary>Keep-alive connections that the server closed.</summary>
    public long Reopened { get; set; }

    /// <summary>Valid replies without a latency: their request left late, or the kernel gave no timestamp.</summary>
    public long Untimed { get; set; }

    public TimeSpan Time { get; set; }

    /// <summary>Valid replies to requests that waited while the server's core stood still.</summary>
    public long Stalled { get; private set; }

    /// <summary>From request to reply, stalls included.</summary>
    public LatencyHistogram Latencies { get; } = new();

    /// <summary>
    /// The same without the <see cref="Stalled"/> ones; complete after <see cref="SeparateStalled"/>.
    /// </summary>
    public LatencyHistogram Unstalled { get; } = new();

    /// <summary>Valid replies per second.</summary>
    public double Rate => Answered / Math.Max(1e-9, Time.TotalSeconds);

    /// <summary>Adds the latency of one request; both times are in stopwatch ticks.</summary>
    public void AddLatency(long sentAt, long receivedAt)
    {
        Latencies.Add(receivedAt - sentAt);
        if (receivedAt - sentAt > StallDetector.Threshold)
        {
            slow.Add((sentAt, receivedAt));
        }
        else
        {
            Unstalled.Add(receivedAt - sentAt);
        }
    }

    /// <summary>Tells requests that waited during a stall from merely slow ones.</summary>
    /// <param name="stalls">In order.</param>
    public void SeparateStalled(IReadOnlyList<StallDetector.Stall> stalls)
    {
        foreach (var (from, to) in slow)
        {
            var (first, end) = (0, stalls.Count);
            while (first < end)
            {
                var middle = (first + end) / 2;
                (first, end) = stalls[middle].To > from ? (first, middle) : (middle + 1, end);
            }
            if (first < stalls.Count && stalls[first].From < to)
            {
                Stalled++;
            }
            else
            {
                Unstalled.Add(to - from);
            }
        }
        slow.Clear();
    }
}
