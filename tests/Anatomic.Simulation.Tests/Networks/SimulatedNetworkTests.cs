using System.Buffers;
using System.Net;
using System.Text;
using Anatomic.Simulation.Scheduling;
using Anatomic.Simulation.Tracing;
using Anatomic.Wire;
using Anatomic.Wire.Http;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Networks;

public class SimulatedNetworkTests
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly Endpoint Port80 = Endpoint.FromV4(0x0A000002, 80); // 10.0.0.2
    private static readonly Endpoint Any80 = Endpoint.FromV4(0, 80);

    private static void Between(Func<Simulator, SimulatedHost, SimulatedHost, Task> scenario)
    {
        for (var seed = 1UL; seed <= 5; seed++)
        {
            SimulationRun.Execute(
                seed,
                simulator =>
                    scenario(simulator, simulator.AddHost("left", "10.0.0.1"), simulator.AddHost("right", "10.0.0.2"))
            );
        }
    }

    private static async Task<byte[]> ReadToEndAsync(IConnection connection)
    {
        var all = new List<byte>();
        var buffer = new byte[1000];
        while (await connection.ReceiveAsync(buffer, Never) is > 0 and var count)
        {
            all.AddRange(buffer.AsSpan(0, count));
        }
        return [.. all];
    }

    private static Task<IConnection> DialAsync(SimulatedHost from) =>
        from.RunAsync(async world => await world.Network.DialAsync(Port80, Never));

    private static Task<IConnection> AcceptOnceAsync(SimulatedHost at) =>
        at.RunAsync(async world =>
        {
            await using var listener = world.Network.Listen(Any80);
            return await listener.AcceptAsync(Never);
        });

    [Fact]
    public void A_stream_arrives_completely_and_in_order_through_a_small_window() =>
        Between(
            async (simulator, left, right) =>
            {
                var bytes = simulator.Entropy.Bytes(900_000);
                var received = right.RunAsync(async world =>
                {
                    await using var listener = world.Network.Listen(Any80);
                    await using var connection = await listener.AcceptAsync(Never);
                    return await ReadToEndAsync(connection);
                });
                await simulator.WaitAsync(TimeSpan.FromSeconds(1));
                await left.RunAsync(async world =>
                {
                    await using var connection = await world.Network.DialAsync(Port80, Never);
                    for (var at = 0; at < bytes.Length; at += 100_000)
                    {
                        await connection.SendAsync([bytes.AsMemory(at, 1), bytes.AsMemory(at + 1, 99_999)], Never);
                    }
                });
                (await received).ShouldBe(bytes);
            }
        );

    [Fact]
    public void A_sender_waits_for_a_receiver_that_does_not_read() =>
        Between(
            async (simulator, left, right) =>
            {
                var accept = AcceptOnceAsync(right);
                await simulator.WaitAsync(TimeSpan.FromSeconds(1));
                var connection = await DialAsync(left);
                await accept;
                var sending = left.RunAsync(async _ => await connection.SendAsync(new byte[1 << 20], Never));
                await simulator.WaitAsync(TimeSpan.FromMinutes(1));
                sending.IsCompleted.ShouldBeFalse();
                var far = await accept;
                await right.RunAsync(async _ => await far.ReceiveAsync(new byte[1 << 20], Never));
                await sending;
            }
        );

    [Fact]
    public void A_port_without_a_listener_refuses_connections_and_a_crashed_host_is_silent() =>
        Between(
            async (simulator, left, right) =>
            {
                var refused = await Expect.ThrowsAsync<NetworkException>(() => DialAsync(left));
                refused.Message.ShouldContain("refuses");
                simulator.Now.ShouldBeLessThan(TimeSpan.FromSeconds(1));
                right.Crash();
                var silent = await Expect.ThrowsAsync<NetworkException>(() => DialAsync(left));
                silent.Message.ShouldContain("no answer");
                simulator.Now.ShouldBeGreaterThan(TimeSpan.FromMinutes(1));
            }
        );

    [Fact]
    public void A_partition_breaks_connections_and_a_healed_network_accepts_new_ones() =>
        Between(
            async (simulator, left, right) =>
            {
                var accept = AcceptOnceAsync(right);
                await simulator.WaitAsync(TimeSpan.FromSeconds(1));
                var connection = await DialAsync(left);
                await accept;
                simulator.Internet.Partition(left, right);
                await Expect.ThrowsAsync<NetworkException>(() =>
                    left.RunAsync(async _ => await connection.ReceiveAsync(new byte[1], Never))
                );
                simulator.Internet.Heal(left, right);
                var again = AcceptOnceAsync(right);
                await DialAsync(left);
                await again;
            }
        );

    [Fact]
    public void A_crash_breaks_connections_and_ends_running_code() =>
        Between(
            async (simulator, left, right) =>
            {
                var ran = false;
                var accept = AcceptOnceAsync(right);
                await simulator.WaitAsync(TimeSpan.FromSeconds(1));
                var connection = await DialAsync(left);
                await accept;
                var flow = right.RunAsync(async world =>
                {
                    await Task.Delay(TimeSpan.FromSeconds(10), world.Clock);
                    ran = true;
                });
                right.Crash();
                await Expect.ThrowsAsync<HostCrashedException>(() => flow);
                await Expect.ThrowsAsync<NetworkException>(() =>
                    left.RunAsync(async _ => await connection.ReceiveAsync(new byte[1], Never))
                );
                right.Restart();
                await simulator.WaitAsync(TimeSpan.FromSeconds(20));
                ran.ShouldBeFalse();
                (await Expect.ThrowsAsync<NetworkException>(() => DialAsync(left))).Message.ShouldContain("refuses");
            }
        );

    [Fact]
    public void A_port_can_be_bound_once_and_again_after_it_is_freed() =>
        Between(
            async (_, left, _) =>
            {
                await left.RunAsync(async world =>
                {
                    var first = world.Network.Listen(Any80);
                    Should.Throw<NetworkException>(() => world.Network.Listen(Any80)).Message.ShouldContain("in use");
                    await first.DisposeAsync();
                    await world.Network.Listen(Any80).DisposeAsync();
                });
            }
        );

    [Fact]
    public void A_name_resolves_to_its_addresses_and_an_unknown_one_is_an_error() =>
        Between(
            async (simulator, left, right) =>
            {
                simulator.Internet.AddName("right.example", [.. right.Addresses]);
                var found = await left.RunAsync(async world =>
                    await world.Network.ResolveAsync("right.example", Never)
                );
                found.ShouldBe(right.Addresses);
                await Expect.ThrowsAsync<NetworkException>(() =>
                    left.RunAsync(async world => await world.Network.ResolveAsync("nobody.example", Never))
                );
                (await left.RunAsync(async world => await world.Network.ResolveAsync("10.9.8.7", Never))).ShouldBe([
                    IPAddress.Parse("10.9.8.7"),
                ]);
            }
        );

    [Fact]
    public void Datagrams_are_lost_at_the_configured_rate_and_the_rest_is_answered() =>
        Between(
            async (simulator, left, right) =>
            {
                simulator.Internet.Links = simulator.Internet.Links with { DatagramLoss = 0.2 };
                await right.RunAsync(world =>
                {
                    world.Network.ServeDatagrams(Any80, new Echo());
                    return Task.CompletedTask;
                });
                var received = new DatagramCollector();
                await left.RunAsync(async world =>
                {
                    await using var port = received.Open(world);
                    for (byte i = 0; i < 200; i++)
                    {
                        port.Send(Port80, [i]);
                    }
                    port.Flush();
                    await Task.Delay(TimeSpan.FromSeconds(2), world.Clock);
                });
                received.All.ShouldAllBe(one => one.From == Port80 && one.Bytes.Length == 1);
                received.Batches.ShouldBeLessThan(received.All.Count);
                var answers = received.All.Select(one => one.Bytes[0]).ToList();
                answers.Count.ShouldBeInRange(90, 165); // 128 of 200 pass twice at 0.8, ± five standard deviations
                answers.ShouldBeUnique();
                answers.ShouldNotBe([.. answers.Order()]);
            }
        );

    [Fact]
    public void The_trace_names_the_reason_for_every_dropped_datagram() =>
        Between(
            async (simulator, left, right) =>
            {
                await left.RunAsync(async world =>
                {
                    await using var port = new DatagramCollector().Open(world);
                    async Task SendAsync(Endpoint to)
                    {
                        port.Send(to, new byte[3]);
                        port.Flush();
                        await Task.Delay(TimeSpan.FromSeconds(1), world.Clock);
                    }
                    simulator.Internet.Links = simulator.Internet.Links with { DatagramLoss = 1 };
                    await SendAsync(Port80);
                    simulator.Internet.Links = simulator.Internet.Links with { DatagramLoss = 0 };
                    await SendAsync(Port80);
                    await SendAsync(Endpoint.FromV4(0x0A000009, 80));
                    simulator.Internet.Partition(left, right);
                    await SendAsync(Port80);
                });
                simulator
                    .Trace.Kept.Where(happened => happened.Kind == TraceKind.DatagramDropped)
                    .Select(happened => happened.Facts.Split(' ')[0])
                    .ShouldBe(["reason=loss", "reason=port-closed", "reason=no-route", "reason=unreachable"]);
            }
        );

    [Fact]
    public void A_request_goes_to_the_front_first_and_then_to_the_handler() =>
        Between(
            async (_, left, right) =>
            {
                await ServeAsync(right);
                var front = await GetAsync(left, "http://10.0.0.2/front?x=%ff");
                front.Response.Status.ShouldBe(200);
                front.From.ShouldBe(Port80);
                Encoding.ASCII.GetString(front.Response.Body.Span).ShouldBe("GET /front?x=%ff HTTP/1.1");
                front.Response.Headers["content-type"].ShouldBe("text/plain");
                var handler = await GetAsync(left, "http://10.0.0.2/other");
                Encoding.ASCII.GetString(handler.Response.Body.Span).ShouldBe("/other from 10.0.0.1");
                (await GetAsync(left, "http://10.0.0.2/ioerror")).Response.Status.ShouldBe(500);
            }
        );

    [Fact]
    public void Requests_fail_by_timeout_size_refusal_and_crash_each_with_its_reason() =>
        Between(
            async (simulator, left, right) =>
            {
                (await GetFailureAsync(left, "http://10.0.0.2/")).ShouldContain("refuses");
                (await GetFailureAsync(left, "http://10.0.0.99/")).ShouldContain("no answer within 3 s");
                await ServeAsync(right);
                (await GetFailureAsync(left, "http://10.0.0.2/large")).ShouldContain("more than 65,536 bytes");
                (await GetFailureAsync(left, "http://10.0.0.2/slow")).ShouldContain("no answer within 3 s");
                var request = GetFailureAsync(left, "http://10.0.0.2/slow");
                await simulator.WaitAsync(TimeSpan.FromSeconds(1));
                right.Crash();
                (await request).ShouldContain("reset");
            }
        );

    private static Task ServeAsync(SimulatedHost host) =>
        host.RunAsync(async world =>
            await world.Network.ServeHttpAsync(
                new HttpServerOptions
                {
                    At = Any80,
                    Front = new Front(),
                    Handler = new Handler(world.Clock),
                },
                Never
            )
        );

    private static Task<OutboundResponse> GetAsync(SimulatedHost host, string url) =>
        host.RunAsync(async world => await world.Http.SendAsync(new OutboundRequest { Url = new Uri(url) }, Never));

    private static async Task<string> GetFailureAsync(SimulatedHost host, string url) =>
        (await Expect.ThrowsAsync<NetworkException>(() => GetAsync(host, url))).Message;

    private sealed class Echo : IDatagramHandler
    {
        public void Handle(in DatagramBatch received, ReplyBatch replies)
        {
            for (var i = 0; i < received.Count; i++)
            {
                received.Payload(i).CopyTo(replies.Next());
                replies.Commit(received.Payload(i).Length, received.From(i));
            }
        }
    }

    private sealed class Front : IRequestFront
    {
        public FrontResult Handle(in RequestHead head, in Endpoint from, IBufferWriter<byte> reply)
        {
            if (!head.Path.StartsWith("/front"u8))
            {
                return FrontResult.PassThrough;
            }
            var line = head.Bytes[..head.Bytes.IndexOf("\r\n"u8)];
            reply.Write(
                Encoding.ASCII.GetBytes(
                    $"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {line.Length}\r\n\r\n"
                )
            );
            reply.Write(line);
            return FrontResult.KeepOpen;
        }
    }

    private sealed class Handler(TimeProvider clock) : IRequestHandler
    {
        public async ValueTask<HttpResponse> HandleAsync(InboundRequest request, CancellationToken stop)
        {
            switch (request.Path)
            {
                case "/slow":
                    await Task.Delay(TimeSpan.FromMinutes(1), clock, stop);
                    break;
                case "/large":
                    return HttpResponse.Of(200, "text/plain", new byte[100_000]);
                case "/ioerror":
                    throw new NetworkException("inside");
            }
            return HttpResponse.Of(
                200,
                "text/plain",
                Encoding.ASCII.GetBytes($"{request.Target} from {request.From.ToAddress()}")
            );
        }
    }
}
