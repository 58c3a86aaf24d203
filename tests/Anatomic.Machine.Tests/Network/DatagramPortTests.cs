using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Tests.Network;

public class DatagramPortTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Datagrams_arrive_in_batches_on_the_ports_loop(bool v6)
    {
        await using var machine = new TestMachine();
        var loop = machine.World.Loops.All[1];
        var thread = 0;
        await loop.RunAsync(() =>
        {
            thread = Environment.CurrentManagedThreadId;
            return Task.CompletedTask;
        });
        var handler = new Collector(expected: 100);
        await using var port = Open(machine, v6, loop, handler);
        await using var client = new DatagramClient(v6 ? TestMachine.AnyV6 : TestMachine.AnyV4);
        // The loop is busy, so that datagrams gather.
        using var go = new ManualResetEventSlim();
        loop.Post(() => go.Wait(machine.Stop));
        for (var i = 0; i < 100; i++)
        {
            byte[] datagram = [(byte)i, .. new byte[i]];
            await client.SendAsync(port.Local, datagram, machine.Stop);
        }
        go.Set();
        await handler.Done.Task.WaitAsync(machine.Stop);
        handler
            .Received.Select(one => ((int)one.Bytes[0], one.Bytes.Length))
            .ShouldBe(Enumerable.Range(0, 100).Select(i => (i, i + 1)));
        handler.Received.ShouldAllBe(one => one.From == client.Local);
        handler.Threads.Distinct().ShouldBe([thread]);
        handler.Threads.Count.ShouldBeLessThan(100);
    }

    [Fact]
    public async Task Queued_datagrams_leave_together_and_those_that_cannot_leave_are_lost()
    {
        await using var machine = new TestMachine();
        var loop = machine.World.Loops.All[0];
        await using var port = Open(machine, v6: false, loop, new Collector(1));
        await using var client = new DatagramClient(TestMachine.AnyV4);
        await loop.RunAsync(() =>
        {
            port.Send(TestMachine.AnyV6.WithPort(9), [0]);
            port.Send(client.Local, new byte[1 << 20]);
            // More than one batch holds.
            for (var i = 0; i < 80; i++)
            {
                port.Send(client.Local, [(byte)i]);
            }
            port.Flush();
            return Task.CompletedTask;
        });
        var into = new byte[10];
        for (var i = 0; i < 80; i++)
        {
            (await client.ReceiveAsync(into, machine.Stop)).ShouldBe((1, port.Local));
            into[0].ShouldBe((byte)i);
        }
    }

    [Fact]
    public async Task A_long_datagram_arrives_without_its_end()
    {
        await using var machine = new TestMachine();
        var handler = new Collector(1);
        await using var port = Open(machine, v6: false, machine.World.Loops.All[0], handler);
        await using var client = new DatagramClient(TestMachine.AnyV4);
        await client.SendAsync(port.Local, new byte[IDatagramPortHandler.MaxDatagramBytes + 1], machine.Stop);
        await handler.Done.Task.WaitAsync(machine.Stop);
        handler.Received[0].Bytes.Length.ShouldBe(IDatagramPortHandler.MaxDatagramBytes);
    }

    [Fact]
    public async Task A_handler_exception_and_an_unreachable_receiver_do_not_stop_the_port()
    {
        await using var machine = new TestMachine();
        var loop = machine.World.Loops.All[0];
        var handler = new Collector(2) { Breaks = true };
        await using var port = Open(machine, v6: false, loop, handler);
        await using var client = new DatagramClient(TestMachine.AnyV4);
        var gone = new DatagramClient(TestMachine.AnyV4);
        await gone.DisposeAsync();
        await loop.RunAsync(() =>
        {
            port.Send(gone.Local, [1]);
            port.Flush();
            return Task.CompletedTask;
        });
        await client.SendAsync(port.Local, new byte[] { 1 }, machine.Stop);
        (await machine.FirstFault.Task.WaitAsync(machine.Stop)).Message.ShouldBe("a bug");
        await client.SendAsync(port.Local, new byte[] { 2 }, machine.Stop);
        await handler.Done.Task.WaitAsync(machine.Stop);
    }

    [Fact]
    public async Task A_closed_port_is_free_and_sends_nothing()
    {
        await using var machine = new TestMachine();
        var loop = machine.World.Loops.All[0];
        var port = Open(machine, v6: false, loop, new Collector(1));
        Should
            .Throw<NetworkException>(() => machine.World.Network.OpenDatagramPort(port.Local, loop, new Collector(1)))
            .Message.ShouldStartWith($"Port {port.Local.Port} ");
        await port.DisposeAsync();
        await port.DisposeAsync();
        port.Send(TestMachine.AnyV4.WithPort(9), [1]);
        port.Flush();
        await using var again = machine.World.Network.OpenDatagramPort(port.Local, loop, new Collector(1));
    }

    private static IDatagramPort Open(TestMachine machine, bool v6, ILoop loop, IDatagramPortHandler handler) =>
        machine.World.Network.OpenDatagramPort(v6 ? TestMachine.AnyV6 : TestMachine.AnyV4, loop, handler);

    private sealed class Collector(int expected) : IDatagramPortHandler
    {
        public List<(byte[] Bytes, Endpoint From)> Received { get; } = [];
        public List<int> Threads { get; } = [];
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public bool Breaks { get; set; }

        public void Handle(in DatagramBatch received)
        {
            Threads.Add(Environment.CurrentManagedThreadId);
            for (var i = 0; i < received.Count; i++)
            {
                Received.Add((received.Payload(i).ToArray(), received.From(i)));
            }
            if (Received.Count >= expected)
            {
                Done.TrySetResult();
            }
            if (Breaks)
            {
                Breaks = false;
                throw new InvalidDataException("a bug");
            }
        }
    }
}
