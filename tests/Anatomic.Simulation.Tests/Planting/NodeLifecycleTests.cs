using System.Text;
using Anatomic.Federation;
using Anatomic.Federation.Lookup;
using Anatomic.Federation.Nodes;
using Anatomic.Federation.Orders;
using Anatomic.Federation.Outbound;
using Anatomic.Federation.Signing;
using Anatomic.Simulation.Tests.Federation;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Planting;

/// <summary>How a node registers, what work it requires, what expires, and what its pages show.</summary>
public class NodeLifecycleTests
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly SwarmPeer Peer = new(Endpoint.FromV4(0x0A4D4D4D, 6881), false);

    private static void In(int supernodes, Func<Simulator, FederationTestNetwork, SimulatedHost, Task> scenario) =>
        SimulationRun.Execute(
            1,
            async simulator =>
            {
                var network = new FederationTestNetwork(simulator);
                for (var i = 0; i < supernodes; i++)
                {
                    await network.AddSupernodeAsync([.. network.Addresses.Select(one => one.ToString())]);
                }
                await scenario(simulator, network, network.AddPlanter());
            }
        );

    private static NetworkOptions Local =>
        NetworkOptions.TryCreate(FederationTestNetwork.Name, allowPrivate: true, out var options, out _)
            ? options
            : new();

    /// <summary>
    /// An order for one node, with work of at least the network's minimum and less than <paramref name="below"/> bits.
    /// </summary>
    private static Signed<PlantOrder> Order(IWorld world, NodeService node, Hash20 swarm, int below = 30)
    {
        var signer = new ItemSigner(world.Signatures.Open(TestNodes.Planter), Local.Name);
        var order = new PlantOrder
        {
            Swarms = [swarm],
            Candidates = [node.Id],
            Want = 1,
            At = world.Clock.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        for (var nonce = 0UL; ; nonce++)
        {
            var signed = signer.Sign(order with { Nonce = nonce });
            var bits = Work.BitsOf(signed, Local.Name);
            if (bits >= Local.WorkFloor && bits < below)
            {
                return signed;
            }
        }
    }

    private static Task<HttpResponse> PlantAsync(
        SimulatedHost planter,
        SimulatedHost at,
        Func<IWorld, Signed<PlantOrder>> make
    ) =>
        planter.RunAsync(async world =>
        {
            var ask = new OutboundRequest
            {
                Method = "POST",
                Url = new Uri(FederationTestNetwork.UrlOf(at), "plant"),
                Body = new PlantSubmission(make(world).Envelope).Write(),
            };
            return (await world.Http.SendAsync(ask, Never)).Response;
        });

    private static async Task<string> TextAsync(SimulatedHost from, SimulatedHost at, string path) =>
        Encoding.UTF8.GetString(
            (await FederationTestNetwork.GetAsync(from, new Uri(FederationTestNetwork.UrlOf(at), path))).Body.Span
        );

    [Fact]
    public void A_node_without_a_url_adopts_the_address_that_a_supernode_sees() =>
        In(
            1,
            async (simulator, network, planter) =>
            {
                await network.AddNodeAsync(options => options with { PublicUrls = [] });
                await network.ReadyAsync();
                var (host, node) = network.Nodes[0];
                node.Record!.Item.Urls.ShouldBe([FederationTestNetwork.UrlOf(host)]);
            }
        );

    [Fact]
    public void A_supernode_with_another_id_is_neither_registered_with_nor_trusted() =>
        In(
            1,
            async (simulator, network, planter) =>
            {
                var real = network.Addresses[0];
                var other = new SupernodeAddress(real.Url, new NodeId(real.Id.Value with { D = 1 }));
                await network.AddNodeAsync(options => options with { Supernodes = [other] });
                var (host, node) = network.Nodes[0];
                await simulator.WaitAsync(TimeSpan.FromMinutes(2));
                node.Registrations.ShouldBe(0);
                (await TextAsync(planter, host, "")).ShouldContain("is not the supernode");
                var list = await FederationTestNetwork.GetAsync(planter, new Uri(real.Url, "records?role=node"));
                RecordList.TryRead(list.Body, out var records, out _).ShouldBeTrue();
                records!.Records.ShouldBeEmpty();
                await planter.RunAsync(async world =>
                {
                    var reader = new ItemReader(world.Signatures, Local.Name);
                    var proven = new ProvenSupernodeClient(world, new PublicHttpClient(world, Local), reader);
                    var asked = node.Id;
                    var report = await new SupernodeNodeDirectory(world, proven, reader, [other]).CheckLivenessAsync(
                        asked,
                        default,
                        Never
                    );
                    report.ShouldBe(new LivenessReport(0, 0));
                    report = await new SupernodeNodeDirectory(world, proven, reader, [real]).CheckLivenessAsync(
                        asked,
                        default,
                        Never
                    );
                    report.ShouldBe(new LivenessReport(1, 1));
                });
            }
        );

    [Fact]
    public void A_raised_work_requirement_applies_ten_minutes_after_it_is_announced() =>
        In(
            1,
            async (simulator, network, planter) =>
            {
                await network.AddNodeAsync();
                await network.ReadyAsync();
                await simulator.WaitAsync(TimeSpan.FromMinutes(20));
                var (host, before) = network.Nodes[0];
                host.Crash();
                host.Restart();
                var key = host.World.Signatures.CreateKey();
                var node = await network.StartAsync(host, key, options => options);
                await simulator.WaitAsync(TimeSpan.FromMinutes(20));
                host.Crash();
                host.Restart();
                node = await network.StartAsync(host, key, options => options with { ExtraWork = 4 });
                node.Record!.Item.Work.ShouldBe(12);
                var early = await PlantAsync(
                    planter,
                    host,
                    world => Order(world, node, new Hash20(1, 1, 1), below: 12)
                );
                early.Status.ShouldBe(200);
                await simulator.WaitAsync(TimeSpan.FromMinutes(11));
                var late = await PlantAsync(planter, host, world => Order(world, node, new Hash20(2, 2, 2), below: 12));
                late.Status.ShouldBe(422);
                Encoding.UTF8.GetString(late.Body.Span).ShouldContain("this node requires 12");
                before.Id.ShouldNotBe(node.Id);
            }
        );

    [Fact]
    public void A_plant_without_peers_expires_and_a_denied_one_is_dropped_at_run_time() =>
        In(
            1,
            async (simulator, network, planter) =>
            {
                var swarms = new FakeTrackedSwarms(() => SimulatedTime(simulator));
                var denied = new SortedSet<Hash20>();
                await network.AddNodeAsync(
                    options => options with { PlantIdle = TimeSpan.FromHours(1), IsDenied = denied.Contains },
                    swarms
                );
                await network.ReadyAsync();
                var (host, node) = network.Nodes[0];
                Hash20[] all = [new(1, 1, 1), new(2, 2, 2), new(3, 3, 3)];
                foreach (var swarm in all)
                {
                    (await PlantAsync(planter, host, world => Order(world, node, swarm))).Status.ShouldBe(200);
                }
                swarms.Announce(all[0], Peer);
                denied.Add(all[2]);
                await simulator.WaitAsync(TimeSpan.FromMinutes(6));
                swarms.Admitted.ShouldBe([all[0], all[1]]);
                await simulator.WaitAsync(TimeSpan.FromMinutes(60));
                swarms.Admitted.ShouldBe([all[0]]);
                node.Plants.ShouldBe(1);
                (await PlantAsync(planter, host, world => Order(world, node, all[1]))).Status.ShouldBe(200);
            }
        );

    private static DateTimeOffset SimulatedTime(Simulator simulator) => simulator.Clock.GetUtcNow();

    [Fact]
    public void A_tombstone_is_deleted_after_four_hundred_days() =>
        In(
            1,
            async (simulator, network, planter) =>
            {
                await network.AddNodeAsync();
                var (host, node) = network.Nodes[0];
                var since = simulator.Clock.GetUtcNow().AddDays(-401).ToUnixTimeMilliseconds();
                var order = Order(host.World, node, new Hash20(1, 1, 1));
                var entry = PlantEntry.Of(order, ManifestOp.Unplanted, since) with
                {
                    Reason = NotHeldReason.Unplanted,
                    Seq = 1,
                };
                host.Crash();
                host.Stores.Place(
                    "plants",
                    "plants",
                    order.Digest.ToArray(),
                    new StoredPlant(entry, order.Envelope, null).Write()
                );
                host.Restart();
                await network.StartAsync(host, host.World.Signatures.CreateKey(), options => options);
                host.Stores.Peek("plants", "plants").Count.ShouldBe(1);
                await simulator.WaitAsync(TimeSpan.FromMinutes(6));
                host.Stores.Peek("plants", "plants").Count.ShouldBe(0);
            }
        );

    [Fact]
    public void Pages_and_metrics_show_numbers_and_no_address_of_a_peer() =>
        In(
            1,
            async (simulator, network, planter) =>
            {
                var swarms = new FakeTrackedSwarms(() => SimulatedTime(simulator));
                await network.AddNodeAsync(options => options with { Software = "<b>mine</b>" }, swarms);
                await network.ReadyAsync();
                var (host, node) = network.Nodes[0];
                await PlantAsync(planter, host, world => Order(world, node, new Hash20(1, 1, 1)));
                swarms.Announce(new Hash20(1, 1, 1), Peer);
                await simulator.WaitAsync(TimeSpan.FromMinutes(2));
                var supernode = network.Supernodes[0].Host;
                foreach (var at in new[] { host, supernode })
                {
                    foreach (var path in new[] { "", "metrics", "healthz" })
                    {
                        var text = await TextAsync(planter, at, path);
                        text.ShouldNotBeEmpty();
                        text.ShouldNotContain("10.77.77.77");
                        text.ShouldNotContain(planter.Address);
                        text.ShouldNotContain("<b>mine");
                    }
                }
                (await TextAsync(planter, host, "")).ShouldContain("It is part of the network");
                (await TextAsync(planter, host, "metrics")).ShouldContain("anatomic_node_plants 1\n");
                (await TextAsync(planter, supernode, "")).ShouldContain("supernode");
            }
        );
}
