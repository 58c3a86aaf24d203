using System.Buffers;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Anatomic.Testing;
using Anatomic.Wire;
using Anatomic.Wire.Http;
using Anatomic.World;

namespace Anatomic.Machine.Tests.Http.Linux;

public class RequestPrefetchTests
{
    private const int Clients = 40;

    [LinuxFact]
    public async Task Requests_received_together_are_prefetched_before_the_first_is_answered()
    {
        await using var machine = new TestMachine(loops: 1);
        using var front = new BlockingFront();
        await using var server = await ServeAsync(machine, front);
        var clients = await ConnectAsync(server.Local, machine);
        while (front.Batches.IsEmpty)
        {
            await SendAllAsync(clients, front, machine);
        }
        front.Batches.ShouldAllBe(batch => batch.Length > 1 && batch.All(text => text.StartsWith("GET /announce?")));
        front.Batches.SelectMany(batch => batch).ShouldContain("GET /announce?1 HTTP/1.1\r\n\r\n");
        clients.ForEach(client => client.Dispose());
    }

    [LinuxFact]
    public async Task A_front_whose_prefetch_throws_answers_all_the_same()
    {
        await using var machine = new TestMachine(loops: 1);
        using var front = new BlockingFront { Throws = true };
        await using var server = await ServeAsync(machine, front);
        var clients = await ConnectAsync(server.Local, machine);
        while (!machine.FirstFault.Task.IsCompleted)
        {
            await SendAllAsync(clients, front, machine);
        }
        (await machine.FirstFault.Task).Message.ShouldBe("a bug");
        clients.ForEach(client => client.Dispose());
    }

    private static async Task<IRunningServer> ServeAsync(TestMachine machine, IRequestFront front) =>
        await machine.World.Network.ServeHttpAsync(
            new HttpServerOptions
            {
                At = TestMachine.AnyV4,
                Front = front,
                Handler = new Handler(_ => Handler.Text("")),
            },
            machine.Stop
        );

    /// <summary>Opens connections and has each answered once, so that all are accepted.</summary>
    private static async Task<List<TcpClient>> ConnectAsync(Endpoint server, TestMachine machine)
    {
        var clients = new List<TcpClient>();
        for (var i = 0; i < Clients; i++)
        {
            clients.Add(await TestMachine.ConnectAsync(server));
            await SendAsync(clients[i], "/announce?first", machine);
            await ReceiveAsync(clients[i], "/announce?first", machine);
        }
        return clients;
    }

    /// <summary>The first client keeps the loop busy until all others have sent their requests.</summary>
    private static async Task SendAllAsync(List<TcpClient> clients, BlockingFront front, TestMachine machine)
    {
        await SendAsync(clients[0], "/announce?wait", machine);
        await front.Blocked.WaitAsync(machine.Stop);
        for (var i = 1; i < Clients; i++)
        {
            await SendAsync(clients[i], $"/announce?{i}", machine);
        }
        front.Continue.Release();
        await ReceiveAsync(clients[0], "/announce?wait", machine);
        for (var i = 1; i < Clients; i++)
        {
            await ReceiveAsync(clients[i], $"/announce?{i}", machine);
        }
    }

    private static async Task SendAsync(TcpClient client, string target, TestMachine machine) =>
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\n\r\n"), machine.Stop);

    private static async Task ReceiveAsync(TcpClient client, string target, TestMachine machine)
    {
        var expected = EchoFront.Reply(target);
        (await TestMachine.ReadAsync(client.GetStream(), expected.Length, machine.Stop)).ShouldBe(expected);
    }

    /// <summary>Blocks on <c>?wait</c>, and records what it is to prefetch.</summary>
    private sealed class BlockingFront : IRequestFront, IDisposable
    {
        private readonly EchoFront inner = new();

        public bool Throws { get; init; }
        public SemaphoreSlim Blocked { get; } = new(0);
        public SemaphoreSlim Continue { get; } = new(0);
        public ConcurrentQueue<string[]> Batches { get; } = [];

        public void Prefetch(in RequestBatch requests)
        {
            if (Throws)
            {
                throw new InvalidDataException("a bug");
            }
            var batch = new string[requests.Count];
            for (var i = 0; i < batch.Length; i++)
            {
                batch[i] = Encoding.Latin1.GetString(requests[i].Bytes);
            }
            Batches.Enqueue(batch);
        }

        public FrontResult Handle(in RequestHead head, in Endpoint from, IBufferWriter<byte> reply)
        {
            if (head.Query.StartsWith("wait"u8))
            {
                Blocked.Release();
                Continue.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
            }
            return inner.Handle(head, from, reply);
        }

        public void Dispose()
        {
            Blocked.Dispose();
            Continue.Dispose();
        }
    }
}
