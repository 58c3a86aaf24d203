using Anatomic.Tracker.Peers;
using Anatomic.Tracker.Policy;
using Anatomic.Tracker.Requests;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Requests;

public class AdaptiveIntervalTests
{
    private const int Target = 1000;
    private const int StepsPerTick = 16;

    // 45 minutes are 64 ticks of 16 steps each.
    private const long StepMicroseconds = 45L * 60 * 1_000_000 / 64 / StepsPerTick;

    [Fact]
    public void Up_to_the_target_load_the_interval_does_not_change()
    {
        var (interval, _) = After(steps: 5000, perSecond: Target);
        (interval.IntervalSeconds, interval.TimeoutTicks).ShouldBe((1800, 64));
    }

    [Theory]
    [InlineData(1.5, 2700)]
    [InlineData(2, 3600)]
    [InlineData(50, 3600)]
    public void Above_the_target_the_interval_follows_the_load_up_to_twice_its_length(double load, int seconds)
    {
        var (interval, _) = After(steps: 5000, perSecond: (long)(Target * load));
        interval.IntervalSeconds.ShouldBeInRange(seconds - 1, seconds);
        interval.TimeoutTicks.ShouldBe((int)Math.Ceiling(64 * seconds / 1800.0));
    }

    [Fact]
    public void The_interval_changes_smoothly()
    {
        var load = new SimulatedLoad();
        var before = load.Interval.IntervalSeconds;
        for (var step = 0; step < 2000; step++)
        {
            load.Step(step < 1000 ? 5 * Target : 0);
            Math.Abs(load.Interval.IntervalSeconds - before).ShouldBeLessThan(30);
            before = load.Interval.IntervalSeconds;
        }
        before.ShouldBe(1800);
    }

    [Fact]
    public void The_timeout_covers_every_interval_that_was_given_out()
    {
        var load = new SimulatedLoad();
        var random = new Random(3);
        // The ticks for which a client may be silent: its interval, the jitter and the usual margin.
        var given = new Queue<(int Tick, int Silence)>();
        for (var tick = 0; tick < 3000; tick++)
        {
            var perSecond = random.Next(3) == 0 ? 3 * Target : 0;
            for (var step = 0; step < StepsPerTick; step++)
            {
                load.Step(tick % 700 < 350 ? perSecond : 0);
            }
            given.Enqueue((tick, load.Interval.IntervalSeconds * 64 / 1800));
            while (given.TryPeek(out var first) && tick - first.Tick > 128)
            {
                given.Dequeue();
            }
            given.ShouldAllBe(peer =>
                tick - peer.Tick > peer.Silence || load.Interval.TimeoutTicks >= tick - peer.Tick
            );
        }
        load.Interval.TimeoutTicks.ShouldBeInRange(64, 128);
    }

    [Fact]
    public async Task A_busy_tracker_gives_longer_intervals_and_timeouts()
    {
        var tracker = new TestTracker(new TrackerOptions { AnnouncesPerSecond = 1 });
        using var stop = new CancellationTokenSource();
        SynchronizationContext.SetSynchronizationContext(null);
        var running = tracker.Service.RunAsync(stop.Token);
        for (var second = 0; second < 1200; second++)
        {
            for (var i = 0; i < 10; i++)
            {
                tracker.Announce(V4(i), wanted: 0);
            }
            tracker.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        tracker.Announce(V4(1)).Interval!.Value.TotalSeconds.ShouldBeInRange(3590, 4050);
        tracker.Clock.Advance(TimeSpan.FromMinutes(80));
        tracker.Service.ReadStatistics().Leechers.ShouldBe(10);
        tracker.Clock.Advance(TimeSpan.FromMinutes(15));
        tracker.Service.ReadStatistics().Leechers.ShouldBe(0);
        tracker.Announce(V4(1), seed: true).Interval!.Value.TotalSeconds.ShouldBeInRange(1800, 2025);
        tracker.Clock.Advance(TimeSpan.FromHours(4));
        tracker.Announce(V4(2), seed: true);
        tracker.Clock.Advance(TimeSpan.FromMinutes(46));
        tracker.Service.ReadStatistics().Seeds.ShouldBe(0);
        await stop.CancelAsync();
        await running;
    }

    private static (AdaptiveInterval Interval, SimulatedLoad SimulatedLoad) After(int steps, long perSecond)
    {
        var load = new SimulatedLoad();
        for (var step = 0; step < steps; step++)
        {
            load.Step(perSecond);
        }
        return (load.Interval, load);
    }

    private sealed class SimulatedLoad
    {
        private long steps;
        private long announces;

        public AdaptiveInterval Interval { get; } = new(1800, Target);

        public void Step(long perSecond)
        {
            steps++;
            announces += perSecond * StepMicroseconds / 1_000_000;
            Interval.Observe(
                announces,
                new TrackerTime((int)(steps / StepsPerTick), 0, steps * StepMicroseconds, 64, 1800)
            );
        }
    }
}
