using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Federation;

public class NodeServiceTests
{
    private static readonly Hash20 Swarm = new(1, 2, 3);
    private static readonly SwarmPeer Peer = new(Endpoint.FromV4(0x0A090909, 6881), false);

    private static void WithNodes(int count, Func<Simulator, TestNodes, SimulatedHost, Task> scenario)
    {
        for (var seed = 1UL; seed <= 3; seed++)
        {
            SimulationRun.Execute(
                seed,
                async simulator =>
                {
                    var nodes = new TestNodes(simulator);
                    for (var i = 0; i < count; i++)
                    {
                        await nodes.AddAsync();
                    }
                    await scenario(simulator, nodes, simulator.AddHost("planter", "10.9.9.9"));
                }
            );
        }
    }

    private static async Task<Signed<PlantOrder>> PlantAsync(TestNodes nodes, SimulatedHost planter, int on, int want)
    {
        var planted = await planter.RunAsync(async world =>
        {
            var order = nodes.Order(world, Swarm, want, world.Clock.GetUtcNow());
            foreach (var node in nodes.All.Take(on))
            {
                var reply = await TestNodes.PostAsync(
                    world,
                    node,
                    "plant",
                    new PlantSubmission(order.Envelope).Write()
                );
                reply.Status.ShouldBe(200);
                var reader = new ItemReader(world.Signatures, TestNodes.Network.Name);
                reader.TryRead<Receipt>(reply.Body, world.Clock.GetUtcNow(), out var receipt, out _).ShouldBeTrue();
                receipt!.Item.Order.ShouldBe(order.Digest);
                receipt.Signer.ShouldBe(node.Service.Id);
            }
            return order;
        });
        return planted;
    }

    [Fact]
    public void A_peer_of_one_holder_is_known_to_the_others_within_two_seconds() =>
        WithNodes(
            4,
            async (simulator, nodes, planter) =>
            {
                await PlantAsync(nodes, planter, on: 3, want: 3);
                await simulator.WaitAsync(TimeSpan.FromSeconds(10));
                nodes.All[0].Swarms.Announce(Swarm, Peer);
                await simulator.WaitUntilAsync(
                    "the other holders know the peer",
                    () => nodes.All.Skip(1).Take(2).All(node => node.Swarms.SharedOf(Swarm).Contains(Peer)),
                    TimeSpan.FromSeconds(2)
                );
                nodes.All[3].Swarms.SharedOf(Swarm).ShouldBeEmpty();
                nodes.All[3].Service.Plants.ShouldBe(0);
            }
        );

    [Fact]
    public void A_receipt_survives_a_crash_and_the_swarm_is_admitted_again() =>
        WithNodes(
            2,
            async (simulator, nodes, planter) =>
            {
                await PlantAsync(nodes, planter, on: 2, want: 2);
                nodes.All[1].Swarms.Announce(Swarm, Peer);
                TestNodes.Crash(nodes.All[0]);
                await simulator.WaitAsync(TimeSpan.FromSeconds(5));
                nodes.All[0].Host.Restart();
                await nodes.StartAsync(nodes.All[0]);

                nodes.All[0].Service.Plants.ShouldBe(1);
                nodes.All[0].Swarms.Admitted.ShouldBe([Swarm]);
                // The partners see a new boot id and send everything again.
                await simulator.WaitUntilAsync(
                    "the peers come back",
                    () => nodes.All[0].Swarms.SharedOf(Swarm).Contains(Peer),
                    TimeSpan.FromSeconds(90)
                );
            }
        );

    [Fact]
    public void A_dead_holder_is_replaced_by_the_first_live_candidate() =>
        WithNodes(
            5,
            async (simulator, nodes, planter) =>
            {
                await PlantAsync(nodes, planter, on: 3, want: 3);
                await simulator.WaitAsync(TimeSpan.FromMinutes(1));
                TestNodes.Crash(nodes.All[1]);
                await simulator.WaitUntilAsync(
                    "a candidate holds the order in its place",
                    () => nodes.All[3].Service.Plants == 1,
                    TimeSpan.FromMinutes(25)
                );
                await simulator.WaitAsync(TimeSpan.FromMinutes(10));
                nodes.All[4].Service.Plants.ShouldBe(0);
            }
        );

    [Fact]
    public void Nothing_is_carried_while_all_holders_live() =>
        WithNodes(
            5,
            async (simulator, nodes, planter) =>
            {
                await PlantAsync(nodes, planter, on: 3, want: 3);
                await simulator.WaitAsync(TimeSpan.FromHours(1));
                nodes.All.Sum(node => node.Service.Plants).ShouldBe(3);
            }
        );

    [Fact]
    public void An_unplanted_order_is_rejected_with_its_unplant_and_the_partners_learn_of_it() =>
        WithNodes(
            3,
            async (simulator, nodes, planter) =>
            {
                var order = await PlantAsync(nodes, planter, on: 3, want: 3);
                await simulator.WaitAsync(TimeSpan.FromSeconds(10));
                await planter.RunAsync(async world =>
                {
                    var signer = new ItemSigner(world.Signatures.Open(TestNodes.Planter), TestNodes.Network.Name);
                    var unplant = signer.Sign(new Unplant(order.Digest, signer.NextSequence(world.Clock.GetUtcNow())));
                    var body = new UnplantSubmission(unplant.Envelope).Write();
                    (await TestNodes.PostAsync(world, nodes.All[0], "unplant", body)).Status.ShouldBe(200);
                    var offer = new PlantSubmission(order.Envelope).Write();
                    var again = await TestNodes.PostAsync(world, nodes.All[0], "plant", offer);
                    again.Status.ShouldBe(409);
                    PlantConflict.TryRead(again.Body, out var conflict, out _).ShouldBeTrue();
                    conflict!.Unplant!.Raw.ToArray().ShouldBe(unplant.Raw.ToArray());
                });
                nodes.All[1].Swarms.Announce(Swarm, Peer);
                nodes.All[2].Swarms.Announce(Swarm, Peer);
                await simulator.WaitUntilAsync(
                    "nobody holds the order any more",
                    () => nodes.All.All(node => node.Service.Plants == 0 && node.Swarms.Admitted.Count == 0),
                    TimeSpan.FromMinutes(5)
                );
            }
        );

    [Fact]
    public void The_manifest_lists_the_orders_held_and_repeats_the_nonce() =>
        WithNodes(
            1,
            async (simulator, nodes, planter) =>
            {
                var order = await PlantAsync(nodes, planter, on: 1, want: 1);
                await planter.RunAsync(async world =>
                {
                    var ask = new OutboundRequest
                    {
                        Url = new Uri(
                            $"http://{nodes.All[0].Address}:{TestNodes.Port}/plants?epoch=0&since=0&nonce=0a0b"
                        ),
                    };
                    var reply = (await world.Http.SendAsync(ask, CancellationToken.None)).Response;
                    ManifestPage.TryRead(reply.Body, out var page, out _).ShouldBeTrue();
                    var reader = new ItemReader(world.Signatures, TestNodes.Network.Name);
                    reader
                        .TryRead<ManifestHead>(page!.Head, world.Clock.GetUtcNow(), out var head, out _)
                        .ShouldBeTrue();
                    head!.Item.Nonce.ToArray().ShouldBe(new byte[] { 10, 11 });
                    head.Item.Count.ShouldBe(1);
                    page.Entries.ShouldBe([new ManifestEntry(1, ManifestOp.Planted, order.Digest)]);
                });
            }
        );
}
