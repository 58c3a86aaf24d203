namespace Anatomic.Fuzz.Targets;

/// <summary>A clock that an input moves. It holds the one timer that a tracker has at a time: that of its next sweep.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private TimeSpan elapsed = TimeSpan.FromHours(1);
    private Waiting? next;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => elapsed.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000) + elapsed;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        next = new Waiting(() => callback(state));

    /// <summary>Goes on by this time, and lets the timer fire once, on this thread.</summary>
    public void Pass(TimeSpan time)
    {
        elapsed += time;
        var due = next;
        next = null;
        due?.Fire();
    }

    private sealed class Waiting(Action fire) : ITimer
    {
        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() { }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
