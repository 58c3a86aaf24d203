using System.Buffers;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Machine.Tests;

public class Requests_that_come_together
{
    private const int Clients = 40;

    [LinuxFact]
    public async Task The_front_is_told_of_them_before_the_first_is_answered()
    {
        await using var rig = new Rig(loops: 1);
        using var front = new WaitingFront();
        await using var server = await ServeAsync(rig, front);
        var clients = await ConnectAsync(server.Local, rig);
        while (front.Told.IsEmpty)
        {
            await AskAllAsync(clients, front, rig);
        }
        front.Told.ShouldAllBe(told => told.Length > 1 && told.All(text => text.StartsWith("GET /announce?")));
        front.Told.SelectMany(told => told).ShouldContain("GET /announce?1 HTTP/1.1\r\n\r\n");
        clients.ForEach(client => client.Dispose());
    }

    [LinuxFact]
    public async Task A_front_that_breaks_when_it_is_told_answers_all_the_same()
    {
        await using var rig = new Rig(loops: 1);
        using var front = new WaitingFront { Breaks = true };
        await using var server = await ServeAsync(rig, front);
        var clients = await ConnectAsync(server.Local, rig);
        while (!rig.FirstFault.Task.IsCompleted)
        {
            await AskAllAsync(clients, front, rig);
        }
        (await rig.FirstFault.Task).Message.ShouldBe("a bug");
        clients.ForEach(client => client.Dispose());
    }

    private static async Task<IServing> ServeAsync(Rig rig, IRequestFront front) =>
        await rig.World.Network.ServeRequestsAsync(
            new RequestServer
            {
                At = Rig.AnyV4,
                Front = front,
                Handler = new Handler(_ => Handler.Text("")),
            },
            rig.Stop
        );

    /// <summary>Connections that have been accepted, for each has been answered.</summary>
    private static async Task<List<TcpClient>> ConnectAsync(Endpoint server, Rig rig)
    {
        var clients = new List<TcpClient>();
        for (var i = 0; i < Clients; i++)
        {
            clients.Add(await Rig.ConnectAsync(server));
            await AskAsync(clients[i], "/announce?first", rig);
            await AnswerAsync(clients[i], "/announce?first", rig);
        }
        return clients;
    }

    /// <summary>The first client keeps the loop busy until all others have asked.</summary>
    private static async Task AskAllAsync(List<TcpClient> clients, WaitingFront front, Rig rig)
    {
        await AskAsync(clients[0], "/announce?wait", rig);
        await front.Waits.WaitAsync(rig.Stop);
        for (var i = 1; i < Clients; i++)
        {
            await AskAsync(clients[i], $"/announce?{i}", rig);
        }
        front.GoOn.Release();
        await AnswerAsync(clients[0], "/announce?wait", rig);
        for (var i = 1; i < Clients; i++)
        {
            await AnswerAsync(clients[i], $"/announce?{i}", rig);
        }
    }

    private static async Task AskAsync(TcpClient client, string target, Rig rig) =>
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\n\r\n"), rig.Stop);

    private static async Task AnswerAsync(TcpClient client, string target, Rig rig)
    {
        var expected = Front.Reply(target);
        (await Rig.ReadAsync(client.GetStream(), expected.Length, rig.Stop)).ShouldBe(expected);
    }

    /// <summary>Waits within <c>?wait</c>, and notes what it is told of.</summary>
    private sealed class WaitingFront : IRequestFront, IDisposable
    {
        private readonly Front answers = new();

        public bool Breaks { get; init; }
        public SemaphoreSlim Waits { get; } = new(0);
        public SemaphoreSlim GoOn { get; } = new(0);
        public ConcurrentQueue<string[]> Told { get; } = [];

        public void Approach(in RequestBatch requests)
        {
            if (Breaks)
            {
                throw new InvalidDataException("a bug");
            }
            var told = new string[requests.Count];
            for (var i = 0; i < told.Length; i++)
            {
                told[i] = Encoding.Latin1.GetString(requests[i]);
            }
            Told.Enqueue(told);
        }

        public FrontResult Handle(ReadOnlySpan<byte> head, in Endpoint from, IBufferWriter<byte> reply)
        {
            if (head.IndexOf("?wait"u8) >= 0)
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
