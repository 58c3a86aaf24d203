namespace Anatomic.Bench.Tracker;

/// <summary>A clock that only the benchmark moves. It holds the one timer that a tracker has at a time: that of its next sweep.</summary>
internal sealed class ManualClock : TimeProvider
{
    private TimeSpan elapsed;
    private ManualTimer? waiting;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => elapsed.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + elapsed;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        waiting = new ManualTimer(callback, state);

    /// <summary>Goes on by this time and lets the timer fire once, as if the machine had slept.</summary>
    public void Pass(TimeSpan time)
    {
        elapsed += time;
        var due = waiting;
        waiting = null;
        due?.Fire();
    }

    private sealed class ManualTimer(TimerCallback callback, object? state) : ITimer
    {
        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() { }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
