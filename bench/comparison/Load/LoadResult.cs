using Anatomic.Comparison.Linux;

namespace Anatomic.Comparison.Load;

/// <summary>What came of a load.</summary>
internal sealed class LoadResult
{
    private readonly List<(long From, long To)> slow = [];

    /// <summary>Good replies within the measured time.</summary>
    public long Answered { get; set; }

    /// <summary>Requests that had no reply in time.</summary>
    public long Lost { get; set; }

    /// <summary>Replies that were not what was asked for.</summary>
    public long Bad { get; set; }

    /// <summary>Replies to nothing that was waiting: too late, or twice.</summary>
    public long Strays { get; set; }

    /// <summary>Connections that the server ended though they were to be kept.</summary>
    public long Reopened { get; set; }

    /// <summary>Good replies of which no time was noted: the generator itself was late with their requests, or the kernel said nothing of them.</summary>
    public long Untimed { get; set; }

    public TimeSpan Time { get; set; }

    /// <summary>Good replies to requests that waited while the server's core stood still.</summary>
    public long Stalled { get; private set; }

    /// <summary>From request to reply.</summary>
    public Latencies Latencies { get; } = new();

    /// <summary>The same without those that were <see cref="Stalled"/>; filled by <see cref="SetApart"/>.</summary>
    public Latencies Unstalled { get; } = new();

    public double Rate => Answered / Math.Max(1e-9, Time.TotalSeconds);

    /// <summary>Notes when a request was sent and its reply came, in ticks of the stopwatch.</summary>
    public void Note(long from, long to)
    {
        Latencies.Add(to - from);
        if (to - from > CoreWatch.Slack)
        {
            slow.Add((from, to));
        }
        else
        {
            Unstalled.Add(to - from);
        }
    }

    /// <summary>Sets those apart that waited in one of these, which are in their order.</summary>
    public void SetApart(IReadOnlyList<CoreWatch.Stall> stalls)
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
