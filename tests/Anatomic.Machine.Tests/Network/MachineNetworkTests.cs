using System.Net;
using System.Net.Sockets;
using Anatomic.Machine.Tests.Http;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Tests.Network;

public class MachineNetworkTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bytes_flow_both_ways_until_the_end(bool v6)
    {
        await using var machine = new TestMachine();
        await using var listener = machine.World.Network.Listen(v6 ? TestMachine.AnyV6 : TestMachine.AnyV4);
        var accepting = listener.AcceptAsync(machine.Stop);
        await using var dialled = await machine.World.Network.DialAsync(listener.Local, machine.Stop);
        await using var accepted = await accepting;
        dialled.Remote.ShouldBe(listener.Local);
        accepted.Remote.ShouldBe(dialled.Local);

        await dialled.SendAsync("hello"u8.ToArray(), machine.Stop);
        await accepted.SendAsync([new byte[] { 1 }, Memory<byte>.Empty, new byte[] { 2, 3 }], machine.Stop);
        (await ReceiveAsync(accepted, 5, machine.Stop)).ShouldBe("hello"u8.ToArray());
        (await ReceiveAsync(dialled, 3, machine.Stop)).ShouldBe([1, 2, 3]);
        await dialled.DisposeAsync();
        (await accepted.ReceiveAsync(new byte[1], machine.Stop)).ShouldBe(0);
    }

    [Fact]
    public async Task Many_large_parts_arrive_whole_and_in_order()
    {
        await using var machine = new TestMachine();
        var (left, right) = await PairAsync(machine);
        var parts = Enumerable
            .Range(0, 2000)
            .Select(i => (ReadOnlyMemory<byte>)Enumerable.Repeat((byte)i, 4000 + i).ToArray())
            .ToArray();
        var sending = left.SendAsync(parts, machine.Stop).AsTask();
        var received = await ReceiveAsync(right, parts.Sum(part => part.Length), machine.Stop);
        await sending;
        received.AsSpan().SequenceEqual(parts.SelectMany(part => part.ToArray()).ToArray()).ShouldBeTrue();
        await left.SendAsync([new byte[] { 5 }], machine.Stop);
        (await ReceiveAsync(right, 1, machine.Stop)).ShouldBe([5]);
        await left.DisposeAsync();
        await right.DisposeAsync();
    }

    [Fact]
    public async Task A_cancelled_receive_keeps_the_connection_and_a_cancelled_send_breaks_it()
    {
        await using var machine = new TestMachine();
        var (left, right) = await PairAsync(machine);
        using (var early = new CancellationTokenSource())
        {
            var receiving = right.ReceiveAsync(new byte[1], early.Token);
            await early.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(async () => await receiving);
        }
        await left.SendAsync(new byte[] { 8 }, machine.Stop);
        (await ReceiveAsync(right, 1, machine.Stop)).ShouldBe([8]);

        using var stop = new CancellationTokenSource();
        // More than the kernel buffers, and nobody reads it.
        var sending = left.SendAsync([new byte[64 << 20], new byte[1]], stop.Token);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await sending);
        await Should.ThrowAsync<NetworkException>(async () => await left.SendAsync(new byte[1], machine.Stop));
        await left.DisposeAsync();
        await right.DisposeAsync();
    }

    [Fact]
    public async Task A_broken_connection_is_reported()
    {
        await using var machine = new TestMachine();
        await using var listener = machine.World.Network.Listen(TestMachine.AnyV4);
        using var client = await TestMachine.ConnectAsync(listener.Local);
        await using var accepted = await listener.AcceptAsync(machine.Stop);
        client.Client.LingerState = new LingerOption(true, 0);
        client.Client.Close();
        var broken = await Should.ThrowAsync<NetworkException>(async () =>
            await accepted.ReceiveAsync(new byte[1], machine.Stop)
        );
        broken.Message.ShouldContain("closed the connection");
    }

    [Fact]
    public async Task A_failed_connection_attempt_says_why()
    {
        await using var machine = new TestMachine();
        var listener = machine.World.Network.Listen(TestMachine.AnyV4);
        await listener.DisposeAsync();
        var refused = await Should.ThrowAsync<NetworkException>(async () =>
            await machine.World.Network.DialAsync(listener.Local, machine.Stop)
        );
        refused.Message.ShouldBe($"{listener.Local} refused the connection: no program is listening there");
        await Should.ThrowAsync<OperationCanceledException>(async () =>
            await machine.World.Network.DialAsync(listener.Local, new CancellationToken(canceled: true))
        );
        await Should.ThrowAsync<NetworkException>(async () =>
            await machine.World.Network.DialAsync(TestMachine.AnyV4, machine.Stop)
        );
    }

    [Fact]
    public async Task A_port_in_use_is_reported_for_every_kind_of_server()
    {
        await using var machine = new TestMachine();
        await using var listener = machine.World.Network.Listen(TestMachine.AnyV4);
        var at = listener.Local;
        var expected = $"Port {at.Port} of 127.0.0.1 is in use by another program; stop it or choose another port";
        Should.Throw<NetworkException>(() => machine.World.Network.Listen(at)).Message.ShouldBe(expected);
        var server = new HttpServerOptions { At = at, Handler = new Handler(_ => throw new NotSupportedException()) };
        var http = await Should.ThrowAsync<NetworkException>(async () =>
            await machine.World.Network.ServeHttpAsync(server, machine.Stop)
        );
        http.Message.ShouldBe(expected);

        await using var datagrams = new DatagramClient(TestMachine.AnyV4);
        Should
            .Throw<NetworkException>(() => machine.World.Network.ServeDatagrams(datagrams.Local, new Silent()))
            .Message.ShouldStartWith($"Port {datagrams.Local.Port} ");
    }

    [Fact]
    public async Task Listening_on_an_address_of_another_machine_fails()
    {
        await using var machine = new TestMachine();
        // RFC 5737: reserved for documentation.
        var foreign = Endpoint.From(IPAddress.Parse("192.0.2.1"), 0);
        Should
            .Throw<NetworkException>(() => machine.World.Network.Listen(foreign))
            .Message.ShouldStartWith("This machine has no address 192.0.2.1");
    }

    [Fact]
    public async Task Both_address_families_can_share_a_port()
    {
        await using var machine = new TestMachine();
        await using var v6 = machine.World.Network.Listen(Endpoint.From(IPAddress.IPv6Any, 0));
        await using var v4 = machine.World.Network.Listen(Endpoint.From(IPAddress.Any, v6.Local.Port));
        await using var udp6 = new DatagramClient(Endpoint.From(IPAddress.IPv6Any, 0));
        await using var udp4 = new DatagramClient(Endpoint.From(IPAddress.Any, udp6.Local.Port));
        await using var dialled = await machine.World.Network.DialAsync(
            Endpoint.From(IPAddress.Loopback, v4.Local.Port),
            machine.Stop
        );
        await using var accepted = await v4.AcceptAsync(machine.Stop);
        accepted.Remote.IsV4.ShouldBeTrue();
    }

    [Fact]
    public async Task Host_names_and_literal_addresses_are_resolved()
    {
        await using var machine = new TestMachine();
        (await machine.World.Network.ResolveAsync("::1", machine.Stop)).ShouldBe([IPAddress.IPv6Loopback]);
        (await machine.World.Network.ResolveAsync("localhost", machine.Stop)).ShouldAllBe(found =>
            IPAddress.IsLoopback(found)
        );
        await Should.ThrowAsync<NetworkException>(async () =>
            await machine.World.Network.ResolveAsync(new string('a', 300), machine.Stop)
        );
    }

    [Fact]
    public async Task Closing_a_socket_ends_its_pending_receive()
    {
        await using var machine = new TestMachine();
        var listener = machine.World.Network.Listen(TestMachine.AnyV4);
        var accepting = listener.AcceptAsync(machine.Stop).AsTask();
        await listener.DisposeAsync();
        await Should.ThrowAsync<NetworkException>(() => accepting);
    }

    private static async Task<(IConnection Left, IConnection Right)> PairAsync(TestMachine machine)
    {
        await using var listener = machine.World.Network.Listen(TestMachine.AnyV4);
        var accepting = listener.AcceptAsync(machine.Stop);
        var left = await machine.World.Network.DialAsync(listener.Local, machine.Stop);
        return (left, await accepting);
    }

    private static async Task<byte[]> ReceiveAsync(IConnection from, int count, CancellationToken stop)
    {
        var into = new byte[count];
        for (var total = 0; total < count; )
        {
            var read = await from.ReceiveAsync(into.AsMemory(total), stop);
            read.ShouldBeGreaterThan(0);
            total += read;
        }
        return into;
    }

    private sealed class Silent : IDatagramHandler
    {
        public void Handle(in DatagramBatch received, ReplyBatch replies) { }
    }
}
