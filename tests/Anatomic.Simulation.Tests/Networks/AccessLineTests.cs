using System.Text;
using Anatomic.Simulation.Networks;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Networks;

/// <summary>Narrow lines, lost packets of connections, and routers that let nobody in.</summary>
public class AccessLineTests
{
    private const int Port = 80;
    private const int Bytes = 1_000_000;
    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public void Connections_share_the_line_of_their_sender() =>
        Run(async simulator =>
        {
            var sender = Add(simulator, "sender", 1, new LineOptions { UpBytesPerSecond = 100_000 });
            var took = await TransferAsync(simulator, [sender], [Add(simulator, "a", 2), Add(simulator, "b", 3)]);
            took.ShouldAllBe(seconds => seconds > 18 && seconds < 21);
            sender.SentBytes.ShouldBe(2 * Bytes);
        });

    [Fact]
    public void Connections_share_the_line_of_their_receiver() =>
        Run(async simulator =>
        {
            var receiver = Add(simulator, "receiver", 1, new LineOptions { DownBytesPerSecond = 100_000 });
            var took = await TransferAsync(simulator, [Add(simulator, "a", 2), Add(simulator, "b", 3)], [receiver]);
            took.ShouldAllBe(seconds => seconds > 18 && seconds < 21);
            receiver.ReceivedBytes.ShouldBe(2 * Bytes);
        });

    [Fact]
    public void Lost_packets_delay_a_stream_and_lose_no_bytes() =>
        Run(async simulator =>
        {
            var line = new LineOptions { UpBytesPerSecond = 1_000_000 };
            var quick = await TransferAsync(simulator, [Add(simulator, "a", 1, line)], [Add(simulator, "b", 2)]);
            simulator.Internet.Links = simulator.Internet.Links with { StreamLoss = 0.02 };
            var slow = await TransferAsync(simulator, [Add(simulator, "c", 3, line)], [Add(simulator, "d", 4)]);
            quick[0].ShouldBeLessThan(1.5);
            slow[0].ShouldBeGreaterThan(1.5 * quick[0]);
        });

    [Fact]
    public void Nobody_dials_a_host_behind_a_router() =>
        Run(async simulator =>
        {
            var inside = Add(simulator, "inside", 1, new LineOptions { IsBehindNat = true });
            var outside = Add(simulator, "outside", 2);
            var listening = inside.RunAsync(world => Task.FromResult(world.Network.Listen(At(inside))));
            await using var listener = await listening;
            await Expect.ThrowsAsync<NetworkException>(() =>
                outside.RunAsync(async world => await world.Network.DialAsync(At(inside), Never))
            );
            (await TransferAsync(simulator, [inside], [outside])).Length.ShouldBe(1);
        });

    [Fact]
    public void A_router_lets_only_answers_in() =>
        Run(async simulator =>
        {
            simulator.Internet.Links = simulator.Internet.Links with { DatagramLoss = 0 };
            var inside = Add(simulator, "inside", 1, new LineOptions { IsBehindNat = true });
            var outside = Add(simulator, "outside", 2);
            var (atNear, atFar) = (new DatagramCollector(), new DatagramCollector());
            await using var near = atNear.Open(inside.World, At(inside));
            await using var far = atFar.Open(outside.World, At(outside));
            await SendAsync(far, At(inside), "unasked");
            atNear.All.ShouldBeEmpty();
            await SendAsync(near, At(outside), "question");
            atFar.All.Count.ShouldBe(1);
            await SendAsync(far, At(inside), "answer");
            atNear.All.Single().Bytes.ShouldBe("answer"u8.ToArray());

            Task SendAsync(IDatagramPort from, Endpoint to, string text)
            {
                from.Send(to, Encoding.ASCII.GetBytes(text));
                from.Flush();
                return simulator.WaitAsync(TimeSpan.FromSeconds(1));
            }
        });

    private static void Run(Func<Simulator, Task> scenario)
    {
        for (var seed = 1UL; seed <= 3; seed++)
        {
            SimulationRun.Execute(seed, scenario);
        }
    }

    private static SimulatedHost Add(Simulator simulator, string name, int number, LineOptions? line = null) =>
        simulator.AddHost(name, new HostOptions { Line = line ?? new LineOptions() }, $"10.0.0.{number}");

    private static Endpoint At(SimulatedHost host) => Endpoint.From(host.Addresses[0], Port);

    /// <summary>Each sender dials each receiver and sends; returns how many seconds each connection took.</summary>
    private static async Task<double[]> TransferAsync(
        Simulator simulator,
        IReadOnlyList<SimulatedHost> senders,
        IReadOnlyList<SimulatedHost> receivers
    )
    {
        var since = simulator.Now;
        var received = receivers.Select(host => ReceiveAsync(simulator, host, senders.Count)).ToArray();
        var sent = senders.SelectMany(from => receivers.Select(to => SendAsync(from, to))).ToArray();
        await Task.WhenAll(sent);
        var ends = await Task.WhenAll(received);
        return [.. ends.SelectMany(one => one).Select(end => (end - since).TotalSeconds)];
    }

    private static Task SendAsync(SimulatedHost from, SimulatedHost to) =>
        from.RunAsync(async world =>
        {
            await using var connection = await world.Network.DialAsync(At(to), Never);
            await connection.SendAsync(new byte[Bytes], Never);
            // Closing drops nothing, but the receiver may still be reading.
            await connection.ReceiveAsync(new byte[1], Never);
        });

    private static Task<TimeSpan[]> ReceiveAsync(Simulator simulator, SimulatedHost at, int connections) =>
        at.RunAsync(async world =>
        {
            await using var listener = world.Network.Listen(At(at));
            var reading = new List<Task<TimeSpan>>();
            for (var i = 0; i < connections; i++)
            {
                reading.Add(ReadAsync(simulator, await listener.AcceptAsync(Never)));
            }
            return await Task.WhenAll(reading);
        });

    private static async Task<TimeSpan> ReadAsync(Simulator simulator, IConnection connection)
    {
        await using (connection)
        {
            var buffer = new byte[64 * 1024];
            for (var total = 0; total < Bytes; )
            {
                total += await connection.ReceiveAsync(buffer, Never);
            }
            return simulator.Now;
        }
    }
}
