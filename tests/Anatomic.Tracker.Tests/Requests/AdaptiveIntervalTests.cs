using Anatomic.Tracker.Peers;
using Anatomic.Tracker.Policy;
using Anatomic.Tracker.Requests;
using static Anatomic.Tracker.Tests.TestTracker;

namespace Anatomic.Tracker.Tests.Requests;

public class AdaptiveIntervalTests
{
    private const int Target = 1000;
    private const int StepsOfTick = 16;

    // 45 minutes in 64 ticks of 16 steps each.
    private const long StepMicroseconds = 45L * 60 * 1_000_000 / 64 / StepsOfTick;

    [Fact]
    public void Up_to_the_target_nothing_is_stretched()
    {
        var (pace, _) = After(steps: 5000, perSecond: Target);
        (pace.IntervalSeconds, pace.TimeoutTicks).ShouldBe((1800, 64));
    }

    [Theory]
    [InlineData(1.5, 2700)]
    [InlineData(2, 3600)]
    [InlineData(50, 3600)]
    public void Beyond_it_the_interval_follows_the_load_up_to_twice_its_length(double load, int seconds)
    {
        var (pace, _) = After(steps: 5000, perSecond: (long)(Target * load));
        pace.IntervalSeconds.ShouldBeInRange(seconds - 1, seconds);
        pace.TimeoutTicks.ShouldBe((int)Math.Ceiling(64 * seconds / 1800.0));
    }

    [Fact]
    public void It_goes_up_and_down_smoothly()
    {
        var driven = new Driven();
        var before = driven.Pace.IntervalSeconds;
        for (var step = 0; step < 2000; step++)
        {
            driven.Step(step < 1000 ? 5 * Target : 0);
            Math.Abs(driven.Pace.IntervalSeconds - before).ShouldBeLessThan(30);
            before = driven.Pace.IntervalSeconds;
        }
        before.ShouldBe(1800);
    }

    [Fact]
    public void Who_was_told_a_longer_interval_is_waited_for_after_the_load_has_gone()
    {
        var driven = new Driven();
        var random = new Random(3);
        // What was told, and until when the peer may be silent: the interval, its jitter, and the same margin as ever.
        var told = new Queue<(int Tick, int Silence)>();
        for (var tick = 0; tick < 3000; tick++)
        {
            var load = random.Next(3) == 0 ? 3 * Target : 0;
            for (var step = 0; step < StepsOfTick; step++)
            {
                driven.Step(tick % 700 < 350 ? load : 0);
            }
            told.Enqueue((tick, driven.Pace.IntervalSeconds * 64 / 1800));
            while (told.TryPeek(out var first) && tick - first.Tick > 128)
            {
                told.Dequeue();
            }
            told.ShouldAllBe(peer => tick - peer.Tick > peer.Silence || driven.Pace.TimeoutTicks >= tick - peer.Tick);
        }
        driven.Pace.TimeoutTicks.ShouldBeInRange(64, 128);
    }

    [Fact]
    public async Task A_busy_tracker_asks_for_longer_intervals_and_keeps_its_peers_so_long()
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

    private static (AdaptiveInterval Pace, Driven Driven) After(int steps, long perSecond)
    {
        var driven = new Driven();
        for (var step = 0; step < steps; step++)
        {
            driven.Step(perSecond);
        }
        return (driven.Pace, driven);
    }

    private sealed class Driven
    {
        private long steps;
        private long announces;

        public AdaptiveInterval Pace { get; } = new(1800, Target);

        public void Step(long perSecond)
        {
            steps++;
            announces += perSecond * StepMicroseconds / 1_000_000;
            Pace.Observe(announces, new TrackerTime((int)(steps / StepsOfTick), 0, steps * StepMicroseconds, 64, 1800));
        }
    }
}
