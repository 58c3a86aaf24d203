namespace Anatomic.Testing;

/// <summary>A clock that only the test moves. Timers fire within that call, on the caller's thread.</summary>
public sealed class ManualClock : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private TimeSpan elapsed;

    /// <summary>Advances the clock at every reading of the timestamp. Default: zero.</summary>
    public TimeSpan Step { get; set; }

    /// <summary>The wall clock's time when this clock was created. Default: the Unix epoch.</summary>
    public DateTimeOffset Start { get; set; } = DateTimeOffset.UnixEpoch;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => (elapsed += Step).Ticks;

    public override DateTimeOffset GetUtcNow() => Start + elapsed;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (gate)
        {
            timers.Add(timer);
        }
        return timer;
    }

    /// <summary>Advances the clock. Every timer fires at its own time, as often as it is due on the way.</summary>
    public void Advance(TimeSpan time)
    {
        var end = elapsed + time;
        while (NextDueBy(end) is { } next)
        {
            elapsed = next.Due;
            next.Fire();
        }
        elapsed = end;
    }

    /// <summary>
    /// Advances the clock at once, as if the machine had slept: every timer that is due fires once, afterwards.
    /// </summary>
    public void Jump(TimeSpan time)
    {
        elapsed += time;
        while (NextDueBy(elapsed) is { } next)
        {
            next.Fire();
        }
    }

    // No LINQ: benchmarks count what a jump allocates.
    private ManualTimer? NextDueBy(TimeSpan time)
    {
        lock (gate)
        {
            ManualTimer? next = null;
            foreach (var timer in timers)
            {
                if (timer.Due <= time && (next is null || timer.Due < next.Due))
                {
                    next = timer;
                }
            }
            return next;
        }
    }

    private sealed class ManualTimer(ManualClock clock, Action callback) : ITimer
    {
        private TimeSpan period = Timeout.InfiniteTimeSpan;

        public TimeSpan Due { get; private set; } = TimeSpan.MaxValue;

        public void Fire()
        {
            Due = period > TimeSpan.Zero ? clock.elapsed + period : TimeSpan.MaxValue;
            callback();
        }

        public bool Change(TimeSpan dueTime, TimeSpan newPeriod)
        {
            Due = dueTime == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : clock.elapsed + dueTime;
            period = newPeriod;
            return true;
        }

        public void Dispose()
        {
            lock (clock.gate)
            {
                clock.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
