using Anatomic.Simulation.Tracing;

namespace Anatomic.Simulation.Scheduling;

/// <summary>The clock of a host process: simulated time, with a constant offset of the wall clock.</summary>
internal sealed class SimulatedClock(HostProcess process, TimeSpan skew) : TimeProvider
{
    /// <summary>The start of every simulation, so that dates in different traces can be compared.</summary>
    public static readonly DateTimeOffset Beginning = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Beginning + process.Scheduler.Now + skew;

    public override long GetTimestamp() => process.Scheduler.NowTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SimulatedTimer(HostProcess process, TimerCallback callback, object? state) : ITimer
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
            next = dueTime < TimeSpan.Zero ? null : process.Scheduler.Schedule(dueTime.Ticks, process, Fire);
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
            process.Scheduler.Record(process, TraceKind.TimerFired, "");
            next = every > TimeSpan.Zero ? process.Scheduler.Schedule(every.Ticks, process, Fire) : null;
            callback(state);
        }
    }
}
