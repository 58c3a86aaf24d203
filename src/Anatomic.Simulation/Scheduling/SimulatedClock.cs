using Anatomic.Simulation.Tracing;

namespace Anatomic.Simulation.Scheduling;

/// <summary>The clock of one life of a host: simulated time, and the wall clock wrong by a constant.</summary>
internal sealed class SimulatedClock(HostLife life, TimeSpan skew) : TimeProvider
{
    /// <summary>When every simulation begins, so that times in a trace can be compared.</summary>
    public static readonly DateTimeOffset Beginning = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Beginning + life.Scheduler.Now + skew;

    public override long GetTimestamp() => life.Scheduler.NowTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(life, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SimulatedTimer(HostLife life, TimerCallback callback, object? state) : ITimer
    {
        private ScheduledEvent? next;
        private TimeSpan every;
        private bool isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (isDisposed)
            {
                return false;
            }
            next?.Cancel();
            every = period;
            next = dueTime < TimeSpan.Zero ? null : life.Scheduler.After(dueTime.Ticks, life, Fire);
            return true;
        }

        public void Dispose()
        {
            isDisposed = true;
            next?.Cancel();
            next = null;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire()
        {
            life.Scheduler.Add(life, TraceKind.Timer, "");
            next = every > TimeSpan.Zero ? life.Scheduler.After(every.Ticks, life, Fire) : null;
            callback(state);
        }
    }
}
