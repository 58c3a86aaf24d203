namespace Anatomic.Simulation.Tests.Scheduling;

public class SchedulerTests
{
    [Fact]
    public void Timers_fire_in_the_order_of_their_times()
    {
        var order = new List<int>();
        SimulationRun.Execute(
            1,
            async simulator =>
            {
                order.Clear();
                var host = simulator.AddHost("one", "10.0.0.1");
                async Task After(int seconds)
                {
                    await Task.Delay(TimeSpan.FromSeconds(seconds), host.World.Clock);
                    order.Add(seconds);
                }
                await host.RunAsync(_ => Task.WhenAll(After(3), After(1), After(2)));
            }
        );
        order.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void A_skewed_clock_is_ahead_and_runs_at_the_same_rate()
    {
        SimulationRun.Execute(
            1,
            async simulator =>
            {
                var host = simulator.AddHost("one", new HostOptions { Skew = TimeSpan.FromHours(1) }, "10.0.0.1");
                var clock = host.World.Clock;
                (clock.GetUtcNow() - simulator.Clock.GetUtcNow()).ShouldBe(TimeSpan.FromHours(1));
                var before = simulator.Now;
                await host.RunAsync(_ => Task.Delay(TimeSpan.FromSeconds(5), clock));
                (simulator.Now - before).ShouldBe(TimeSpan.FromSeconds(5));
            }
        );
    }

    [Fact]
    public void Every_await_continues_on_its_loop()
    {
        SimulationRun.Execute(
            1,
            async simulator =>
            {
                var host = simulator.AddHost("one", new HostOptions { Loops = 2 }, "10.0.0.1");
                var loop = host.World.Loops.All[1];
                await loop.RunAsync(async () =>
                {
                    SynchronizationContext.Current.ShouldBe((object)loop);
                    await Task.Delay(TimeSpan.FromSeconds(1), host.World.Clock);
                    SynchronizationContext.Current.ShouldBe((object)loop);
                    (await host.World.Workers.RunAsync(() => 7)).ShouldBe(7);
                    SynchronizationContext.Current.ShouldBe((object)loop);
                });
            }
        );
    }

    [Fact]
    public void A_cancellation_timeout_uses_the_simulated_clock()
    {
        SimulationRun.Execute(
            1,
            async simulator =>
            {
                var host = simulator.AddHost("one", "10.0.0.1");
                using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(1), host.World.Clock);
                await Expect.ThrowsAsync<OperationCanceledException>(() =>
                    host.RunAsync(world => Task.Delay(Timeout.InfiniteTimeSpan, world.Clock, stop.Token))
                );
                simulator.Now.ShouldBe(TimeSpan.FromMinutes(1));
            }
        );
    }

    [Fact]
    public void Different_seeds_give_different_traces_and_the_same_seed_the_same()
    {
        static async Task Scenario(Simulator simulator)
        {
            var host = simulator.AddHost("one", "10.0.0.1");
            for (var i = 0; i < 10; i++)
            {
                await host.RunAsync(world => world.Workers.RunAsync(() => 0));
            }
        }
        var first = SimulationRun.Execute(1, Scenario);
        SimulationRun.Execute(1, Scenario).Hash.ShouldBe(first.Hash);
        SimulationRun.Execute(2, Scenario).Hash.ShouldNotBe(first.Hash);
    }

    [Fact]
    public void A_fork_of_entropy_depends_on_its_purposes_and_not_on_earlier_draws()
    {
        ForkAfter(draws: 0).ShouldBe(ForkAfter(draws: 3));
        ForkAfter(draws: 0).ShouldNotBe(ForkAfter(draws: 0, "other"));
    }

    private static ulong ForkAfter(int draws, string purpose = "purpose")
    {
        var number = 0UL;
        SimulationRun.Execute(
            9,
            simulator =>
            {
                simulator.Entropy.Bytes(8 * draws);
                number = simulator.Entropy.Fork(purpose).Fork("inner").NextUInt64();
                return Task.CompletedTask;
            }
        );
        return number;
    }
}
