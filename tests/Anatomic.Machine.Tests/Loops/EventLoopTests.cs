namespace Anatomic.Machine.Tests.Loops;

public class EventLoopTests
{
    [Fact]
    public async Task Asynchronous_code_stays_on_its_loop_across_awaits_tasks_and_work()
    {
        await using var machine = new TestMachine();
        var threads = new List<Thread>();
        await machine
            .World.Loops.All[0]
            .RunAsync(async () =>
            {
                threads.Add(Thread.CurrentThread);
                await Task.Yield();
                threads.Add(Thread.CurrentThread);
                await machine.World.Workers.RunAsync(() => 1);
                threads.Add(Thread.CurrentThread);
                await Task.Factory.StartNew(() => threads.Add(Thread.CurrentThread));
                threads.Add(Thread.CurrentThread);
                await Task.Delay(TimeSpan.FromMilliseconds(1), machine.World.Clock, machine.Stop);
                threads.Add(Thread.CurrentThread);
                await machine.World.Disk.OpenAsync(machine.At("some"), World.OpenMode.Write, machine.Stop);
                threads.Add(Thread.CurrentThread);
            });
        threads.Count.ShouldBe(7);
        threads.Distinct().Count().ShouldBe(1);
        threads[0].Name.ShouldBe("loop 0");
    }

    [Fact]
    public async Task State_of_one_loop_needs_no_lock_when_many_threads_post()
    {
        await using var machine = new TestMachine();
        var loop = machine.World.Loops.All[1];
        var count = 0;
        var posters = Enumerable.Range(0, 4).Select(_ => Task.Run(() => Post(20_000)));
        await Task.WhenAll(posters);
        var seen = 0;
        await loop.RunAsync(() =>
        {
            seen = count;
            return Task.CompletedTask;
        });
        seen.ShouldBe(80_000);

        void Post(int times)
        {
            for (var i = 0; i < times; i++)
            {
                loop.Post(() => count++);
            }
        }
    }

    [Fact]
    public async Task Posted_actions_run_in_order()
    {
        await using var machine = new TestMachine();
        var order = new List<int>();
        for (var i = 0; i < 1000; i++)
        {
            var mine = i;
            machine.World.Loops.All[0].Post(() => order.Add(mine));
        }
        await machine.World.Loops.All[0].RunAsync(() => Task.CompletedTask);
        order.ShouldBe(Enumerable.Range(0, 1000));
    }

    [Fact]
    public async Task An_exception_fails_its_task_and_nothing_else()
    {
        await using var machine = new TestMachine();
        var loop = machine.World.Loops.All[0];
        await Should.ThrowAsync<InvalidDataException>(() => loop.RunAsync(() => throw new InvalidDataException()));
        await Should.ThrowAsync<InvalidDataException>(() =>
            loop.RunAsync(async () =>
            {
                await Task.Yield();
                throw new InvalidDataException();
            })
        );
        await loop.RunAsync(() => Task.CompletedTask);
        machine.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_exception_of_a_posted_action_is_reported_and_the_loop_continues()
    {
        await using var machine = new TestMachine();
        var loop = machine.World.Loops.All[0];
        loop.Post(() => throw new InvalidDataException("a bug"));
        await loop.RunAsync(() => Task.CompletedTask);
        machine.Faults.ShouldHaveSingleItem().Message.ShouldBe("a bug");
    }

    [Fact]
    public async Task Running_on_a_stopped_loop_fails_at_once()
    {
        var machine = new TestMachine();
        await machine.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(() =>
            machine.World.Loops.All[0].RunAsync(() => Task.CompletedTask)
        );
        await Should.ThrowAsync<ObjectDisposedException>(() => machine.World.Workers.RunAsync(() => 1));
    }

    [Fact]
    public async Task Loops_and_workers_run_in_parallel()
    {
        await using var machine = new TestMachine();
        // Each waits for the other; a single thread for both would never finish.
        using var meeting = new Barrier(2);
        bool Meet() => meeting.SignalAndWait(TimeSpan.FromSeconds(20));
        var loops = machine.World.Loops.All.Select(loop => loop.RunAsync(() => Task.FromResult(Meet()))).ToArray();
        await Task.WhenAll(loops);
        var met = await Task.WhenAll(machine.World.Workers.RunAsync(Meet), machine.World.Workers.RunAsync(Meet));
        met.ShouldAllBe(both => both);
    }

    [Fact]
    public async Task An_exception_of_work_reaches_the_awaiter()
    {
        await using var machine = new TestMachine();
        await Should.ThrowAsync<InvalidDataException>(() =>
            machine.World.Workers.RunAsync<int>(() => throw new InvalidDataException())
        );
    }
}
