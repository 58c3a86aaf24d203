using System.Text;
using Anatomic.Federation.Planting;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Planting;

/// <summary>Hostile requests and lying nodes: a supernode answers them, and its state does not change.</summary>
public class HostileSupernodeTests
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private static void In(Func<Simulator, FederationTestNetwork, SimulatedHost, PlantResult, Hash20, Task> scenario) =>
        SimulationRun.Execute(
            1,
            async simulator =>
            {
                var network = new FederationTestNetwork(simulator);
                await network.AddSupernodeAsync();
                for (var i = 0; i < 3; i++)
                {
                    await network.AddNodeAsync();
                }
                await network.ReadyAsync();
                var planter = network.AddPlanter();
                var torrent = FederationTestNetwork.Torrent("real");
                var result = await planter.RunAsync(async world =>
                {
                    var key = await PlanterKey.OpenAsync(world, Never);
                    var options = FederationTestNetwork.Plant(network.Addresses[0]);
                    return await new Planter(world, key).PlantAsync(torrent, options, _ => { }, Never);
                });
                await simulator.WaitAsync(TimeSpan.FromSeconds(90));
                await scenario(simulator, network, planter, result, torrent.Info.SwarmIds[0]);
                var orders = await FederationTestNetwork.LookupAsync(
                    planter,
                    network.Addresses[0],
                    torrent.Info.SwarmIds[0]
                );
                orders.Single().Holders.Count.ShouldBe(3);
            }
        );

    private static void WithLyingNode(
        Func<HeldOrder, Func<long, FalseManifest>> manifests,
        int maxPolls,
        TimeSpan time
    ) =>
        In(
            async (simulator, network, planter, _, swarm) =>
            {
                var real = (await FederationTestNetwork.LookupAsync(planter, network.Addresses[0], swarm))[0];
                var host = network.AddPlanter();
                var lyingNode = await host.RunAsync(async world =>
                {
                    var node = new LyingNode(world, FederationTestNetwork.UrlOf(host), manifests(real))
                    {
                        Bodies = [real.Order],
                    };
                    var at = Endpoint.From(host.Addresses[0], FederationTestNetwork.UrlOf(host).Port);
                    await world.Network.ServeHttpAsync(new HttpServerOptions { At = at, Handler = node }, Never);
                    var ask = new OutboundRequest
                    {
                        Method = "POST",
                        Url = new Uri(network.Addresses[0].Url, "record"),
                        Body = node.Record(at).Raw,
                    };
                    (await world.Http.SendAsync(ask, Never)).Response.Status.ShouldBe(200);
                    return node;
                });
                await simulator.WaitAsync(time);
                lyingNode.Polls.ShouldBeInRange(3, maxPolls);
            }
        );

    private static Hash32 Made(long number) => new((ulong)number, 3, 3, 3);

    private static ManifestEntry Entry(long seq) => new(seq, ManifestOp.Planted, Made(seq));

    [Fact]
    public void A_node_that_lists_an_order_which_does_not_name_it_is_not_a_holder() =>
        WithLyingNode(
            real =>
                since => new FalseManifest(
                    1,
                    1,
                    1,
                    since == 0 ? [new ManifestEntry(1, ManifestOp.Planted, Of(real))] : []
                ),
            12,
            TimeSpan.FromMinutes(5)
        );

    [Fact]
    public void A_manifest_with_a_wrong_digest_is_rarely_read_again() =>
        WithLyingNode(
            _ => since => new FalseManifest(1, 5, 1, since == 0 ? [Entry(5)] : []),
            16,
            TimeSpan.FromMinutes(9)
        );

    [Fact]
    public void A_manifest_that_repeats_itself_costs_one_page_per_poll() =>
        WithLyingNode(_ => _ => new FalseManifest(1, 1_000, 1, [Entry(1), Entry(2)]), 16, TimeSpan.FromMinutes(5));

    [Fact]
    public void A_manifest_with_a_new_epoch_on_every_page_costs_two_pages_per_poll() =>
        WithLyingNode(
            _ =>
            {
                var epoch = 1L;
                return _ => new FalseManifest(++epoch, 10, 1, [Entry(1)]);
            },
            16,
            TimeSpan.FromMinutes(5)
        );

    [Fact]
    public void A_manifest_of_huge_counts_and_small_pages_is_read_slowly() =>
        WithLyingNode(
            _ => since => new FalseManifest(1, long.MaxValue, long.MaxValue, [Entry(since + 1)]),
            5_000,
            TimeSpan.FromMinutes(5)
        );

    [Fact]
    public void A_manifest_of_endless_bad_orders_is_ignored_for_an_hour() =>
        WithLyingNode(
            _ =>
                since => new FalseManifest(
                    1,
                    long.MaxValue,
                    1,
                    [.. Enumerable.Range(1, NetworkLimits.MaxPageEntries).Select(number => Entry(since + number))]
                ),
            16,
            TimeSpan.FromMinutes(9)
        );

    private static Hash32 Of(HeldOrder held) =>
        Signed.TryReadUnverified<PlantOrder>(held.Order, Local, out var order, out _) ? order.Digest : default;

    private static NetworkName Local =>
        NetworkName.TryParse(FederationTestNetwork.Name, out var name, out _)
            ? name
            : throw new InvalidOperationException();

    [Fact]
    public void Every_hostile_request_gets_a_status_and_one_clear_line_and_changes_nothing() =>
        In(
            async (_, network, planter, _, swarm) =>
            {
                var real = (await FederationTestNetwork.LookupAsync(planter, network.Addresses[0], swarm))[0];
                await planter.RunAsync(async world =>
                {
                    var before = StateOf(network);
                    foreach (var (request, body, status, message) in Requests(world, network, real))
                    {
                        var parts = request.Split(' ');
                        var ask = new OutboundRequest
                        {
                            Method = parts[0],
                            Url = new Uri($"{network.Addresses[0].Url}{parts[1]}"),
                            Body = body,
                            Timeout = TimeSpan.FromSeconds(10),
                        };
                        var reply = (await world.Http.SendAsync(ask, Never)).Response;
                        var line = Encoding.UTF8.GetString(reply.Body.Span);
                        reply.Status.ShouldBe(status, $"{request}: {line}");
                        line.ShouldContain(message, customMessage: request);
                        StateOf(network).ShouldBe(before, request);
                    }
                });
            }
        );

    private static IEnumerable<(string Request, byte[] Body, int Status, string Message)> Requests(
        IWorld world,
        FederationTestNetwork network,
        HeldOrder real
    )
    {
        foreach (var path in new[] { "record", "exchange", "receipts", "orders" })
        {
            yield return ($"POST {path}", [], 422, "");
            yield return ($"POST {path}", "hello"u8.ToArray(), 422, "");
            yield return ($"POST {path}", "d5:order"u8.ToArray(), 422, "");
            yield return ($"POST {path}", [.. Enumerable.Repeat((byte)'l', 100_000)], 422, "");
            yield return ($"POST {path}", new byte[2 << 20], 413, "long");
        }
        yield return ("GET lookup?h=zz", [], 400, "20 bytes");
        yield return ("GET place?n=3", [], 400, "20 bytes");
        yield return ($"GET place?h={new string('a', 40)}&n=-1", [], 400, "n must be a number");
        yield return ("GET records?after=x", [], 400, "must be an id");
        yield return ("GET records?role=x", [], 400, "node or supernode");
        yield return ("GET records?ids=x,y", [], 400, "separated by commas");
        yield return ("GET plants?nonce=zz", [], 400, "hexadecimal");
        yield return ("GET nothing", [], 404, "nothing");
        yield return ("POST lookup", [], 405, "use GET");
        yield return ("GET receipts", [], 405, "use POST");
        foreach (var (body, message) in Records(world, network))
        {
            yield return ("POST record", body, 422, message);
        }
        var forged = new ReceiptsRequest(real.Order, [Receipt(world, real)]).Write();
        yield return ("POST receipts", forged, 200, "0 of 1");
        var planter = new ItemSigner(world.Signatures.Open(world.Signatures.CreateKey()), Local);
        var idle = planter.Sign(new Receipt(default, planter.Id, world.Clock.GetUtcNow().ToUnixTimeMilliseconds()));
        yield return ("POST receipts", new ReceiptsRequest(idle.Envelope, []).Write(), 422, "");
    }

    private static SignedItem Receipt(IWorld world, HeldOrder real)
    {
        var stranger = new ItemSigner(world.Signatures.Open(world.Signatures.CreateKey()), Local);
        var at = world.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        return stranger.Sign(new Receipt(Of(real), stranger.Id, at)).Envelope;
    }

    private static IEnumerable<(byte[] Body, string Message)> Records(IWorld world, FederationTestNetwork network)
    {
        var now = world.Clock.GetUtcNow();
        var node = network.Nodes[0];
        var taken = new NodeRecord
        {
            Role = NodeRole.Node,
            Urls = [FederationTestNetwork.UrlOf(node.Host)],
            Addresses = [Endpoint.From(node.Host.Addresses[0], FederationTestNetwork.UrlOf(node.Host).Port)],
            Seq = now.ToUnixTimeMilliseconds(),
            Work = 8,
        };
        var key = world.Signatures.CreateKey();
        var stranger = new ItemSigner(world.Signatures.Open(key), Local);
        yield return (stranger.Sign(taken).Raw.ToArray(), "another server answers there");
        var nobody = taken with { Addresses = [Endpoint.FromV4(0x0A63_6363, 7000)] };
        yield return (stranger.Sign(nobody).Raw.ToArray(), "failed");
        var victim = taken with { Urls = [new Uri("http://10.99.99.98:7000/")] };
        yield return (stranger.Sign(victim).Raw.ToArray(), "does not resolve to an address");
        var future = taken with { Seq = now.AddMinutes(6).ToUnixTimeMilliseconds() };
        yield return (stranger.Sign(future).Raw.ToArray(), "seconds ahead");
        var elsewhere = new ItemSigner(world.Signatures.Open(key), NetworkName.Main);
        yield return (elsewhere.Sign(taken).Raw.ToArray(), "signature");
        var raw = stranger.Sign(taken).Envelope;
        var signature = raw.Signature.ToArray();
        signature[9] ^= 4;
        var forged = SignedItem.Assemble(raw.PublicKey.Span, signature, raw.Value.Raw.Span);
        yield return (forged.Raw.ToArray(), "signature");
        yield return (raw.Raw.ToArray()[..^20], "");
    }

    private static string StateOf(FederationTestNetwork network)
    {
        var text = new StringBuilder();
        foreach (var table in new[] { "members", "orders", "held", "cursors" })
        {
            var rows = network.Supernodes[0].Host.Stores.Peek("supernode", table);
            text.AppendJoin(
                ' ',
                rows.Select(row => $"{Convert.ToHexString(row.Key)}={Convert.ToHexString(row.Value)}")
            );
        }
        return text.ToString();
    }
}
