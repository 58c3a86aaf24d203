using System.Buffers;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Anatomic.Wire;
using Anatomic.Wire.Http;
using Anatomic.World;

namespace Anatomic.Machine.Tests.Http.Linux;

public class RequestPrefetchTests
{
    private const int Clients = 40;

    [LinuxFact]
    public async Task The_front_is_told_of_them_before_the_first_is_answered()
    {
        await using var machine = new TestMachine(loops: 1);
        using var front = new WaitingFront();
        await using var server = await ServeAsync(machine, front);
        var clients = await ConnectAsync(server.Local, machine);
        while (front.Told.IsEmpty)
        {
            await AskAllAsync(clients, front, machine);
        }
        front.Told.ShouldAllBe(told => told.Length > 1 && told.All(text => text.StartsWith("GET /announce?")));
        front.Told.SelectMany(told => told).ShouldContain("GET /announce?1 HTTP/1.1\r\n\r\n");
        clients.ForEach(client => client.Dispose());
    }

    [LinuxFact]
    public async Task A_front_that_breaks_when_it_is_told_answers_all_the_same()
    {
        await using var machine = new TestMachine(loops: 1);
        using var front = new WaitingFront { Breaks = true };
        await using var server = await ServeAsync(machine, front);
        var clients = await ConnectAsync(server.Local, machine);
        while (!machine.FirstFault.Task.IsCompleted)
        {
            await AskAllAsync(clients, front, machine);
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

    /// <summary>Connections that have been accepted, for each has been answered.</summary>
    private static async Task<List<TcpClient>> ConnectAsync(Endpoint server, TestMachine machine)
    {
        var clients = new List<TcpClient>();
        for (var i = 0; i < Clients; i++)
        {
            clients.Add(await TestMachine.ConnectAsync(server));
            await AskAsync(clients[i], "/announce?first", machine);
            await AnswerAsync(clients[i], "/announce?first", machine);
        }
        return clients;
    }

    /// <summary>The first client keeps the loop busy until all others have asked.</summary>
    private static async Task AskAllAsync(List<TcpClient> clients, WaitingFront front, TestMachine machine)
    {
        await AskAsync(clients[0], "/announce?wait", machine);
        await front.Waits.WaitAsync(machine.Stop);
        for (var i = 1; i < Clients; i++)
        {
            await AskAsync(clients[i], $"/announce?{i}", machine);
        }
        front.GoOn.Release();
        await AnswerAsync(clients[0], "/announce?wait", machine);
        for (var i = 1; i < Clients; i++)
        {
            await AnswerAsync(clients[i], $"/announce?{i}", machine);
        }
    }

    private static async Task AskAsync(TcpClient client, string target, TestMachine machine) =>
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\n\r\n"), machine.Stop);

    private static async Task AnswerAsync(TcpClient client, string target, TestMachine machine)
    {
        var expected = EchoFront.Reply(target);
        (await TestMachine.ReadAsync(client.GetStream(), expected.Length, machine.Stop)).ShouldBe(expected);
    }

    /// <summary>Waits within <c>?wait</c>, and notes what it is told of.</summary>
    private sealed class WaitingFront : IRequestFront, IDisposable
    {
        private readonly EchoFront answers = new();

        public bool Breaks { get; init; }
        public SemaphoreSlim Waits { get; } = new(0);
        public SemaphoreSlim GoOn { get; } = new(0);
        public ConcurrentQueue<string[]> Told { get; } = [];

        public void Prefetch(in RequestBatch requests)
        {
            if (Breaks)
            {
                throw new InvalidDataException("a bug");
            }
            var told = new string[requests.Count];
            for (var i = 0; i < told.Length; i++)
            {
                told[i] = Encoding.Latin1.GetString(requests[i].Bytes);
            }
            Told.Enqueue(told);
        }

        public FrontResult Handle(in RequestHead head, in Endpoint from, IBufferWriter<byte> reply)
        {
            if (head.Query.StartsWith("wait"u8))
            {
                Waits.Release();
                GoOn.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
            }
            return answers.Handle(head, from, reply);
        }

        public void Dispose()
        {
            Waits.Dispose();
            GoOn.Dispose();
        }
    }
}
