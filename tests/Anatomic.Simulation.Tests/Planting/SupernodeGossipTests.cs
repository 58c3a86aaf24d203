using System.Text;
using Anatomic.Federation.Planting;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Planting;

/// <summary>What supernodes learn from each other.</summary>
public class SupernodeGossipTests
{
    private static readonly CancellationToken Never = CancellationToken.None;

    [Fact]
    public void Every_supernode_redirects_a_plain_client_even_without_its_own_index_entry() =>
        SimulationRun.Execute(
            1,
            async simulator =>
            {
                var network = new FederationTestNetwork(simulator);
                for (var i = 0; i < 6; i++)
                {
                    await network.AddSupernodeAsync([.. network.Addresses.Select(one => one.ToString())]);
                }
                for (var i = 0; i < 3; i++)
                {
                    await network.AddNodeAsync();
                }
                await network.ReadyAsync();
                await simulator.WaitAsync(TimeSpan.FromMinutes(3));
                var planter = network.AddPlanter();
                var torrent = FederationTestNetwork.Torrent("far");
                await planter.RunAsync(async world =>
                {
                    var key = await PlanterKey.OpenAsync(world, Never);
                    var options = FederationTestNetwork.Plant(network.Addresses[0]);
                    return await new Planter(world, key).PlantAsync(torrent, options, _ => { }, Never);
                });
                var query =
                    $"announce?info_hash={FederationTestNetwork.Escaped(torrent.Info.SwarmIds[0])}"
                    + "&peer_id=-XX0001-123456789012";
                var hops = 0;
                foreach (var (host, _) in network.Supernodes)
                {
                    var at = FederationTestNetwork.UrlOf(host);
                    var reply = await FederationTestNetwork.GetAsync(planter, new Uri(at, query));
                    reply.Status.ShouldBe(302, host.Name);
                    network.Nodes.ShouldContain(node => node.Host.Address == new Uri(reply.Headers["location"]).Host);
                    var metrics = await FederationTestNetwork.GetAsync(planter, new Uri(at, "metrics"));
                    hops += Encoding.UTF8.GetString(metrics.Body.Span).Contains("hops_total 1\n") ? 1 : 0;
                }
                hops.ShouldBeGreaterThan(0);
            }
        );

    [Fact]
    public void The_age_of_a_node_is_the_median_of_three_supernodes() =>
        SimulationRun.Execute(
            1,
            async simulator =>
            {
                var network = new FederationTestNetwork(simulator) { Probation = TimeSpan.FromHours(2) };
                for (var i = 0; i < 3; i++)
                {
                    await network.AddSupernodeAsync([.. network.Addresses.Select(one => one.ToString())]);
                }
                var late = network.Supernodes[2].Host;
                // Nodes that a supernode meets in its first hour count as old.
                await simulator.WaitAsync(TimeSpan.FromMinutes(65));
                await network.AddNodeAsync();
                var node = network.Nodes[0].Host;
                simulator.Internet.Partition(late, node);
                await simulator.WaitAsync(TimeSpan.FromMinutes(90));
                var planter = network.AddPlanter();
                (await PlacedAsync(planter, network.Supernodes[0].Host)).ShouldBe(0);
                simulator.Internet.Heal(late, node);
                await simulator.WaitAsync(TimeSpan.FromMinutes(35));
                foreach (var (host, _) in network.Supernodes)
                {
                    (await PlacedAsync(planter, host)).ShouldBe(1, host.Name);
                }
            }
        );

    private static async Task<int> PlacedAsync(SimulatedHost from, SimulatedHost supernode)
    {
        var url = new Uri(FederationTestNetwork.UrlOf(supernode), $"place?h={new string('a', 40)}");
        var reply = await FederationTestNetwork.GetAsync(from, url);
        RecordList.TryRead(reply.Body, out var list, out _).ShouldBeTrue();
        return list!.Records.Count;
    }
}
