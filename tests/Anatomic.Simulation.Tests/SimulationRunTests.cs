using Anatomic.Simulation.Scheduling;

namespace Anatomic.Simulation.Tests;

public class SimulationRunTests
{
    private static SimulationException Fails(Func<Simulator, Task> scenario, SimulationLimits? limits = null) =>
        Should.Throw<SimulationException>(() => SimulationRun.Execute(42, scenario, limits));

    [Fact]
    public void A_failed_scenario_names_its_seed_and_keeps_its_cause()
    {
        var failed = Fails(async simulator =>
        {
            await simulator.WaitAsync(TimeSpan.FromSeconds(3));
            throw new InvalidDataException("no such thing");
        });
        failed.Kind.ShouldBe(SimulationFault.ScenarioFailed);
        failed.Message.ShouldBe("seed 42: at 3.000 s simulated: no such thing");
        failed.InnerException.ShouldBeOfType<InvalidDataException>();
    }

    [Fact]
    public void Waiting_for_something_that_never_happens_is_a_deadlock() =>
        Fails(_ => new TaskCompletionSource().Task).Kind.ShouldBe(SimulationFault.Deadlock);

    [Fact]
    public void A_run_fails_at_its_time_limit() =>
        Fails(
            async simulator =>
            {
                while (true)
                {
                    await simulator.WaitAsync(TimeSpan.FromMinutes(1));
                }
            },
            new SimulationLimits { MaxTime = TimeSpan.FromHours(1) }
        )
            .Kind.ShouldBe(SimulationFault.TimeLimit);

    [Fact]
    public void A_loop_in_which_no_time_passes_fails_at_the_step_limit() =>
        Fails(
            async _ =>
            {
                while (true)
                {
                    await Task.Yield();
                }
            },
            new SimulationLimits { MaxSteps = 1000 }
        )
            .Kind.ShouldBe(SimulationFault.StepLimit);

    [Fact]
    public void A_task_that_fails_unobserved_fails_the_run()
    {
        var failed = Fails(async simulator =>
        {
            var host = simulator.AddHost("one", "10.0.0.1");
            _ = host.World.Loops.All[0].RunAsync(() => throw new InvalidDataException("unseen"));
            await simulator.WaitAsync(TimeSpan.FromSeconds(1));
        });
        failed.Kind.ShouldBe(SimulationFault.Unobserved);
        failed.Message.ShouldContain("unseen");
    }

    [Fact]
    public void A_posted_action_that_throws_fails_the_run()
    {
        var failed = Fails(async simulator =>
        {
            var host = simulator.AddHost("one", "10.0.0.1");
            host.World.Loops.All[0].Post(() => throw new InvalidDataException("posted"));
            await simulator.WaitAsync(TimeSpan.FromSeconds(1));
        });
        failed.Kind.ShouldBe(SimulationFault.Unobserved);
        failed.Message.ShouldContain("one");
    }

    [Fact]
    public void A_continuation_on_a_foreign_thread_is_detected() =>
        Fails(async _ =>
        {
            var outside = new TaskCompletionSource();
            var waiting = WaitForAsync(outside.Task);
            // The task waits by now, so only the other thread can continue it.
            var other = new Thread(outside.SetResult);
            other.Start();
            other.Join();
            await waiting;
        })
            .Kind.ShouldBe(SimulationFault.ForeignThread);

    private static async Task WaitForAsync(Task task) => await task;

    [Fact]
    public void The_first_difference_between_two_runs_is_reported()
    {
        var runs = 0;
        var failed = Fails(async simulator =>
        {
            simulator.Note("same");
            await simulator.WaitAsync(TimeSpan.FromSeconds(1));
            simulator.Note($"run {runs++}");
        });
        failed.Kind.ShouldBe(SimulationFault.Nondeterminism);
        failed.Message.ShouldContain("seed 42");
        failed.Message.ShouldContain("first:");
        failed.Message.ShouldContain("run 0");
        failed.Message.ShouldContain("run 1");
    }

    [Fact]
    public void A_violated_invariant_fails_the_run_at_once()
    {
        var failed = Fails(async simulator =>
        {
            simulator.AddInvariant(
                "time is short",
                () => simulator.Now < TimeSpan.FromSeconds(10) ? null : "it is late"
            );
            await simulator.WaitAsync(TimeSpan.FromHours(1));
        });
        failed.Kind.ShouldBe(SimulationFault.InvariantViolation);
        failed.Message.ShouldContain("time is short: it is late (at 10.000 s");
    }
}
