using Anatomic.Simulation.Tests.Planting;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Simulation.Tests.Federation;

public class NodeEventLogTests
{
    private static readonly Hash20 Swarm = new(1, 2, 3);

    [Fact]
    public void A_lost_partner_and_the_carried_order_are_logged_without_an_address() =>
        SimulationRun.Execute(
            1,
            async simulator =>
            {
                var nodes = new TestNodes(simulator);
                for (var i = 0; i < 4; i++)
                {
                    await nodes.AddAsync();
                }
                var planter = simulator.AddHost("planter", "10.9.9.9");
                await planter.RunAsync(async world =>
                {
                    var order = nodes.Order(world, Swarm, want: 3, world.Clock.GetUtcNow());
                    foreach (var node in nodes.All.Take(3))
                    {
                        await TestNodes.PostAsync(world, node, "plant", new PlantSubmission(order.Envelope).Write());
                    }
                });
                await simulator.WaitAsync(TimeSpan.FromMinutes(1));
                TestNodes.Crash(nodes.All[1]);
                await simulator.WaitUntilAsync(
                    "a candidate holds the order in its place",
                    () => nodes.All[3].Service.Plants == 1,
                    TimeSpan.FromMinutes(25)
                );

                var logged = nodes.All.SelectMany(node => node.Host.EventLog.Lines).ToArray();
                logged.ShouldContain(line => line.StartsWith("plant.accepted order=", StringComparison.Ordinal));
                logged.ShouldContain($"partner.lost node={nodes.All[1].Service.Id}");
                logged.ShouldContain(line =>
                    line.StartsWith("plant.carried", StringComparison.Ordinal)
                    && line.EndsWith($"node={nodes.All[3].Service.Id}", StringComparison.Ordinal)
                );
                logged.ShouldAllBe(line => !line.Contains("10.", StringComparison.Ordinal));
            }
        );

    [Fact]
    public void An_unreachable_supernode_is_logged_once() =>
        SimulationRun.Execute(
            2,
            async simulator =>
            {
                var network = new FederationTestNetwork(simulator);
                await network.AddSupernodeAsync();
                await network.AddNodeAsync();
                var (node, _) = network.Nodes[0];
                var (supernode, itsService) = network.Supernodes[0];
                await network.ReadyAsync();

                node.EventLog.Lines.ShouldContain($"supernode.registered node={itsService.Id}");
                supernode
                    .EventLog.Lines.Count(line => line.StartsWith("member.added", StringComparison.Ordinal))
                    .ShouldBe(1);

                supernode.Crash();
                await simulator.WaitAsync(TimeSpan.FromHours(2));

                node.EventLog.Lines.Count(line =>
                        line.StartsWith("supernode.registration-failed", StringComparison.Ordinal)
                    )
                    .ShouldBe(1);
                node.EventLog.Lines.ShouldContain(
                    $"supernode.registration-failed node={itsService.Id} reason=unreachable"
                );
            }
        );
}
