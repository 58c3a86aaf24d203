namespace Anatomic.Federation.Monitoring;

/// <summary>The time span of a graph.</summary>
public enum HistorySpan
{
    /// <summary>Five minutes, with a sample every 5 seconds.</summary>
    Minutes,

    /// <summary>One hour, with a sample every 30 seconds.</summary>
    Hour,
}

/// <summary>The most recent samples of a tracker, as many as the graphs show.</summary>
public sealed class TrackerHistory
{
    /// <summary>The interval at which the caller must add readings.</summary>
    public static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(5);

    private readonly Ring minutes = new(SampleInterval, 60);
    private readonly Ring hour = new(TimeSpan.FromSeconds(30), 120);

    /// <summary>The newest reading; null before the first.</summary>
    public TrackerReading? Newest { get; private set; }

    /// <summary>The number of samples in a full span.</summary>
    public static int LengthOf(HistorySpan span) => span == HistorySpan.Minutes ? 60 : 120;

    public void Add(DateTimeOffset now, TrackerReading reading)
    {
        Newest = reading;
        minutes.Add(now, reading);
        hour.Add(now, reading);
    }

    /// <summary>The samples, oldest first; fewer than <see cref="LengthOf"/> soon after the start.</summary>
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
            // After the clock was set back, a new interval starts.
            if (before is null || passed < TimeSpan.Zero)
            {
                (before, beforeAt) = (reading, now);
                return;
            }
            // Timers are inexact, so a reading counts up to half an interval early.
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
