using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Anatomic.Testing;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Tests.Network;

/// <summary>The behaviour of every datagram server, whatever system calls it uses.</summary>
public abstract class DatagramServerTests(bool portable)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_sender_gets_a_reply(bool v6)
    {
        await using var machine = MakeRig();
        var any = v6 ? TestMachine.AnyV6 : TestMachine.AnyV4;
        var server = machine.World.Network.ServeDatagrams(any, new Echo());
        await using var one = new DatagramClient(any);
        await using var two = new DatagramClient(any);
        for (var i = 0; i < 200; i++)
        {
            await one.SendAsync(server.Local, new byte[] { 1, (byte)i }, machine.Stop);
            await two.SendAsync(server.Local, new byte[] { 2, (byte)i }, machine.Stop);
            (await AnswerAsync(one, server.Local, machine.Stop)).ShouldBe([1, (byte)i]);
            (await AnswerAsync(two, server.Local, machine.Stop)).ShouldBe([2, (byte)i]);
        }
        // Disposal ends a thread that waits for a datagram, and the port is free at once.
        await server.DisposeAsync();
        await using var again = machine.World.Network.ServeDatagrams(server.Local, new Echo());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_datagram_of_a_batch_gets_its_own_reply(bool v6)
    {
        await using var machine = MakeRig();
        var any = v6 ? TestMachine.AnyV6 : TestMachine.AnyV4;
        await using var server = machine.World.Network.ServeDatagrams(any, new Echo());
        var clients = Enumerable.Range(0, 30).Select(_ => new DatagramClient(any)).ToArray();
        // More than a batch holds; a third of them goes to closed sockets.
        for (var round = 0; round < 9; round++)
        {
            for (var i = 0; i < clients.Length; i++)
            {
                byte[] datagram = round % 3 == 2 ? [Echo.Unanswered] : [(byte)i, (byte)round, .. new byte[round]];
                await clients[i].SendAsync(server.Local, datagram, machine.Stop);
            }
        }
        for (var i = 0; i < clients.Length; i++)
        {
            var rounds = new List<int>();
            for (var answer = 0; answer < 6; answer++)
            {
                var bytes = await AnswerAsync(clients[i], server.Local, machine.Stop);
                bytes[0].ShouldBe((byte)i);
                bytes.Length.ShouldBe(2 + bytes[1]);
                rounds.Add(bytes[1]);
            }
            rounds.ShouldBe([0, 1, 3, 4, 6, 7]);
            await clients[i].DisposeAsync();
        }
    }

    [Fact]
    public async Task An_empty_datagram_is_handled_like_any_other()
    {
        await using var machine = MakeRig();
        await using var server = machine.World.Network.ServeDatagrams(TestMachine.AnyV4, new Echo());
        await using var client = new DatagramClient(TestMachine.AnyV4);
        await client.SendAsync(server.Local, ReadOnlyMemory<byte>.Empty, machine.Stop);
        (await AnswerAsync(client, server.Local, machine.Stop)).ShouldBeEmpty();
        await client.SendAsync(server.Local, new byte[] { 1 }, machine.Stop);
        (await AnswerAsync(client, server.Local, machine.Stop)).ShouldBe([1]);
    }

    [Fact]
    public async Task A_datagram_too_long_for_an_announce_is_dropped()
    {
        await using var machine = MakeRig();
        await using var server = machine.World.Network.ServeDatagrams(TestMachine.AnyV4, new Echo());
        await using var client = new DatagramClient(TestMachine.AnyV4);
        await client.SendAsync(server.Local, new byte[5000], machine.Stop);
        await client.SendAsync(server.Local, new byte[] { 3 }, machine.Stop);
        (await AnswerAsync(client, server.Local, machine.Stop)).ShouldBe([3]);
    }

    [Fact]
    public async Task A_handler_exception_does_not_stop_the_server()
    {
        await using var machine = MakeRig();
        await using var server = machine.World.Network.ServeDatagrams(TestMachine.AnyV4, new Echo());
        await using var client = new DatagramClient(TestMachine.AnyV4);
        await client.SendAsync(server.Local, new byte[] { Echo.Breaking }, machine.Stop);
        (await machine.FirstFault.Task.WaitAsync(machine.Stop)).Message.ShouldBe("a bug");
        await client.SendAsync(server.Local, new byte[] { 1 }, machine.Stop);
        (await AnswerAsync(client, server.Local, machine.Stop)).ShouldBe([1]);
    }

    [Fact]
    public async Task An_unreachable_sender_does_not_affect_others()
    {
        await using var machine = MakeRig();
        await using var server = machine.World.Network.ServeDatagrams(TestMachine.AnyV4, new Echo());
        await using var client = new DatagramClient(TestMachine.AnyV4);
        for (var i = 0; i < 100; i++)
        {
            await using (var gone = new DatagramClient(TestMachine.AnyV4))
            {
                await gone.SendAsync(server.Local, new byte[] { 9 }, machine.Stop);
            }
            await client.SendAsync(server.Local, new byte[] { 1, (byte)i }, machine.Stop);
            (await AnswerAsync(client, server.Local, machine.Stop)).ShouldBe([1, (byte)i]);
        }
    }

    [Fact]
    public async Task A_port_in_use_is_rejected_even_if_its_server_shares_ports()
    {
        await using var machine = MakeRig();
        await using var server = machine.World.Network.ServeDatagrams(TestMachine.AnyV4, new Echo());
        Should
            .Throw<NetworkException>(() => machine.World.Network.ServeDatagrams(server.Local, new Echo()))
            .Message.ShouldStartWith($"Port {server.Local.Port} ");
    }

    [Fact]
    public async Task A_server_can_be_disposed_under_load()
    {
        await using var machine = MakeRig();
        await using var client = new DatagramClient(TestMachine.AnyV4);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(machine.Stop);
        var target = TestMachine.AnyV4.WithPort(9);
        var flood = Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    await client.SendAsync(target, new byte[] { 1, 2 }, machine.Stop);
                }
            },
            machine.Stop
        );
        for (var i = 0; i < 20; i++)
        {
            var handler = new Echo();
            var server = machine.World.Network.ServeDatagrams(TestMachine.AnyV4, handler);
            target = server.Local;
            await handler.First.Task.WaitAsync(machine.Stop);
            await server.DisposeAsync();
            var handled = handler.Handled;
            await server.DisposeAsync();
            handler.Handled.ShouldBe(handled);
        }
        await enough.CancelAsync();
        await flood;
        machine.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Handling_a_datagram_does_not_allocate()
    {
        await using var machine = MakeRig();
        var handler = new Echo();
        await using var server = machine.World.Network.ServeDatagrams(TestMachine.AnyV4, handler);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        client.ReceiveTimeout = 10_000;
        client.Connect(server.Local.ToIPEndPoint());
        var datagram = new byte[98];
        // One sender, so one socket of the server. The first rounds pay for one-time allocations.
        for (var i = 0; i < 2000; i++)
        {
            client.Send(datagram);
            client.Receive(datagram);
        }
        // The last call is measured before its reply is sent, so its figure is available.
        handler.AllocatedBetween(1000, 2000).ShouldBe(0);
    }

    private protected TestMachine MakeRig() => new(portable: portable);

    private protected static async Task<byte[]> AnswerAsync(
        DatagramClient socket,
        Endpoint expected,
        CancellationToken stop
    )
    {
        var into = new byte[100];
        var (length, from) = await socket.ReceiveAsync(into, stop);
        from.ShouldBe(expected);
        return into[..length];
    }

    protected sealed class Echo : IDatagramHandler
    {
        public const byte Breaking = 0xEE;
        public const byte Unanswered = 0xDD;

        private readonly ConcurrentDictionary<int, bool> threads = [];
        private readonly long[] allocated = new long[2001];
        private int handled;
        private int datagrams;

        public IReadOnlyList<DatagramPattern> Patterns { get; init; } = [];

        /// <summary>Number of datagrams the handler has seen.</summary>
        public int Datagrams => Volatile.Read(ref datagrams);

        public TaskCompletionSource First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Handled => Volatile.Read(ref handled);

        public int Threads => threads.Count;

        /// <summary>Bytes allocated by the serving thread between two calls.</summary>
        public long AllocatedBetween(int one, int other) => allocated[other] - allocated[one];

        public void Handle(in DatagramBatch received, ReplyBatch replies)
        {
            var call = Interlocked.Increment(ref handled);
            if (call < allocated.Length)
            {
                allocated[call] = GC.GetAllocatedBytesForCurrentThread();
            }
            Interlocked.Add(ref datagrams, received.Count);
            threads.TryAdd(Environment.CurrentManagedThreadId, true);
            First.TrySetResult();
            for (var i = 0; i < received.Count; i++)
            {
                if (received.Payload(i) is [Breaking])
                {
                    throw new InvalidDataException("a bug");
                }
                if (received.Payload(i) is not [Unanswered])
                {
                    received.Payload(i).CopyTo(replies.Next());
                    replies.Commit(received.Payload(i).Length, received.From(i));
                }
            }
        }
    }
}

/// <summary>The server for every system.</summary>
public sealed class PortableDatagramServerTests() : DatagramServerTests(portable: true);

/// <summary>The server with the best calls of this system.</summary>
public sealed class NativeDatagramServerTests() : DatagramServerTests(portable: false)
{
    [LinuxTheory]
    [InlineData("0.0.0.0", "127.0.0.2")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("::", "::1")]
    public async Task A_reply_leaves_from_the_address_that_received_the_request(string bound, string asked)
    {
        await using var machine = MakeRig();
        await using var server = machine.World.Network.ServeDatagrams(
            Endpoint.From(IPAddress.Parse(bound), 0),
            new Echo()
        );
        var target = Endpoint.From(IPAddress.Parse(asked), server.Local.Port);
        await using var client = new DatagramClient(Endpoint.From(IPAddress.Parse(bound), 0));
        for (var i = 0; i < 10; i++)
        {
            await client.SendAsync(target, new byte[] { (byte)i }, machine.Stop);
            (await AnswerAsync(client, target, machine.Stop)).ShouldBe([(byte)i]);
        }
    }

    [LinuxTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Datagrams_that_match_no_pattern_are_dropped_by_the_kernel(bool v6)
    {
        await using var machine = MakeRig();
        var any = v6 ? TestMachine.AnyV6 : TestMachine.AnyV4;
        var handler = new Echo
        {
            Patterns =
            [
                new DatagramPattern(6, new DatagramWord(0, 0x01020304)),
                new DatagramPattern(9, new DatagramWord(0, 0x01020305), new DatagramWord(5, 0x0A0B0C0D)),
                new DatagramPattern(40),
            ],
        };
        await using var server = machine.World.Network.ServeDatagrams(any, handler);
        await using var client = new DatagramClient(any);
        byte[][] dropped =
        [
            [],
            [1],
            [1, 2, 3, 4, 5],
            [1, 2, 3, 5, 5, 0xA, 0xB, 0xC],
            [1, 2, 3, 5, 5, 0xA, 0xB, 0xC, 0xE],
            [.. new byte[39]],
        ];
        byte[][] kept =
        [
            [1, 2, 3, 4, 5, 6],
            [1, 2, 3, 5, 5, 0xA, 0xB, 0xC, 0xD],
            [1, 2, 3, 5, 5, 0xA, 0xB, 0xC, 0xD, 7],
            [.. new byte[40]],
        ];
        foreach (var datagram in dropped.Concat(kept))
        {
            await client.SendAsync(server.Local, datagram, machine.Stop);
        }
        foreach (var datagram in kept)
        {
            (await AnswerAsync(client, server.Local, machine.Stop)).ShouldBe(datagram);
        }
        handler.Datagrams.ShouldBe(kept.Length);
        server.Dropped.ShouldBe(dropped.Length);
    }

    [LinuxFact]
    public async Task Senders_are_spread_over_the_loops()
    {
        await using var machine = MakeRig();
        var handler = new Echo();
        await using var server = machine.World.Network.ServeDatagrams(TestMachine.AnyV4, handler);
        // The kernel hashes the sender's port; that all 64 hit the same of two loops happens once in 2^63 runs.
        for (var i = 0; i < 64; i++)
        {
            await using var client = new DatagramClient(TestMachine.AnyV4);
            await client.SendAsync(server.Local, new byte[] { (byte)i }, machine.Stop);
            await AnswerAsync(client, server.Local, machine.Stop);
        }
        handler.Threads.ShouldBe(2);
    }
}
