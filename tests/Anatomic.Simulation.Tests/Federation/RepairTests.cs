using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Federation;

/// <summary>Holders with different orders of one planter, and concurrent changes.</summary>
public class RepairTests
{
    private static readonly Hash20 Swarm = new(1, 2, 3);

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

    private static async Task<int> HeldAsync(IWorld world, TestNode node, Signed<PlantOrder> order)
    {
        var reply = await TestNodes.PostAsync(world, node, "orders", new OrdersRequest([order.Digest]).Write());
        OrdersResponse.TryRead(reply.Body, out var bodies, out _).ShouldBeTrue();
        return bodies!.Orders.Count;
    }

    private static async Task PlantAsync(IWorld world, TestNode node, Signed<PlantOrder> order) =>
        (await TestNodes.PostAsync(world, node, "plant", new PlantSubmission(order.Envelope).Write())).Status.ShouldBe(
            200
        );

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_carry_rejected_with_a_newer_order_ends_the_older_one(bool namesTheHolder) =>
        WithNodes(
            2,
            async (simulator, nodes, planter) =>
            {
                var (holder, other) = (nodes.All[0], nodes.All[1]);
                var (older, newer) = await planter.RunAsync(async world =>
                {
                    var now = world.Clock.GetUtcNow();
                    var old = nodes.Order(world, Swarm, 2, now.AddMinutes(-1));
                    var young = namesTheHolder
                        ? nodes.Order(world, Swarm, 2, now)
                        : TestNodes.Order(world, Swarm, 1, now, [other.Service.Id]);
                    await PlantAsync(world, holder, old);
                    await PlantAsync(world, other, young);
                    return (old, young);
                });
                await simulator.WaitAsync(TimeSpan.FromMinutes(5));
                await planter.RunAsync(async world =>
                {
                    (await HeldAsync(world, holder, older)).ShouldBe(0);
                    (await HeldAsync(world, holder, newer)).ShouldBe(namesTheHolder ? 1 : 0);
                    (await HeldAsync(world, other, newer)).ShouldBe(1);
                });
                holder.Swarms.Admitted.Count.ShouldBe(namesTheHolder ? 1 : 0);
            }
        );

    [Fact]
    public void An_unplant_that_arrives_while_the_order_is_written_ends_it() =>
        WithNodes(
            1,
            async (simulator, nodes, planter) =>
            {
                var node = nodes.All[0];
                var order = await planter.RunAsync(async world =>
                {
                    var now = world.Clock.GetUtcNow();
                    var made = nodes.Order(world, Swarm, 1, now);
                    var signer = new ItemSigner(world.Signatures.Open(TestNodes.Planter), TestNodes.Network.Name);
                    var unplant = signer.Sign(new Unplant(made.Digest, now.ToUnixTimeMilliseconds()));
                    var offer = new PlantSubmission(made.Envelope).Write();
                    var planting = TestNodes.PostAsync(world, node, "plant", offer);
                    var end = new UnplantSubmission(unplant.Envelope, made.Envelope).Write();
                    var ending = TestNodes.PostAsync(world, node, "unplant", end);
                    await planting;
                    (await ending).Status.ShouldBe(200);
                    return made;
                });
                node.Service.Plants.ShouldBe(0);
                TestNodes.Crash(node);
                node.Host.Restart();
                await nodes.StartAsync(node);
                node.Service.Plants.ShouldBe(0);
                await planter.RunAsync(async world =>
                {
                    var again = await TestNodes.PostAsync(
                        world,
                        node,
                        "plant",
                        new PlantSubmission(order.Envelope).Write()
                    );
                    again.Status.ShouldBe(409);
                });
            }
        );

    [Fact]
    public void Of_orders_that_replace_each_other_while_they_are_written_only_the_newest_remains() =>
        WithNodes(
            1,
            async (simulator, nodes, planter) =>
            {
                var node = nodes.All[0];
                await planter.RunAsync(async world =>
                {
                    var now = world.Clock.GetUtcNow();
                    var orders = Enumerable.Range(0, 5).Select(i => nodes.Order(world, Swarm, 1, now.AddSeconds(i)));
                    await Task.WhenAll(
                        orders
                            .ToArray()
                            .Select(order =>
                                TestNodes.PostAsync(world, node, "plant", new PlantSubmission(order.Envelope).Write())
                            )
                    );
                });
                node.Service.Plants.ShouldBe(1);
                TestNodes.Crash(node);
                node.Host.Restart();
                await nodes.StartAsync(node);
                node.Service.Plants.ShouldBe(1);
            }
        );
}
