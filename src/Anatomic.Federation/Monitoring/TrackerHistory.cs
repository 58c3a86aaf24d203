namespace Anatomic.Federation.Monitoring;

/// <summary>How far back a graph goes.</summary>
public enum HistorySpan
{
    /// <summary>5 minutes, a sample each 5 seconds.</summary>
    Minutes,

    /// <summary>An hour, a sample each 30 seconds.</summary>
    Hour,
}

/// <summary>The last samples of a tracker, as many as the graphs show and no more.</summary>
public sealed class TrackerHistory
{
    /// <summary>How often a reading is wanted.</summary>
    public static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(5);

    private readonly Ring minutes = new(SampleInterval, 60);
    private readonly Ring hour = new(TimeSpan.FromSeconds(30), 120);

    /// <summary>The newest reading; null before the first.</summary>
    public TrackerReading? Newest { get; private set; }

    /// <summary>Samples of a whole span.</summary>
    public static int LengthOf(HistorySpan span) => span == HistorySpan.Minutes ? 60 : 120;

    public void Add(DateTimeOffset now, TrackerReading reading)
    {
        Newest = reading;
        minutes.Add(now, reading);
        hour.Add(now, reading);
    }

    /// <summary>The oldest first; fewer than <see cref="LengthOf"/> while the node is young.</summary>
    public IReadOnlyList<TrackerSample> Samples(HistorySpan span) =>
        (span == HistorySpan.Minutes ? minutes : hour).Samples();

    private sealed class Ring(TimeSpan every, int length)
    {
        private readonly TrackerSample[] samples = new TrackerSample[length];
        private int next;
        private int count;
        private TrackerReading? before;
        private DateTimeOffset beforeAt;

        public void Add(DateTimeOffset now, TrackerReading reading)
        {
            var passed = now - beforeAt;
            // A clock that was set back begins anew.
            if (before is null || passed < TimeSpan.Zero)
            {
                (before, beforeAt) = (reading, now);
                return;
            }
            // Half a reading early is in time: timers are never exact.
            if (passed < every - (SampleInterval / 2))
            {
                return;
            }
            samples[next] = TrackerSample.Between(before, reading, passed);
            next = (next + 1) % length;
            count = Math.Min(count + 1, length);
            (before, beforeAt) = (reading, now);
        }

        public IReadOnlyList<TrackerSample> Samples() =>
            [.. Enumerable.Range(0, count).Select(i => samples[(next - count + i + length) % length])];
    }
}
