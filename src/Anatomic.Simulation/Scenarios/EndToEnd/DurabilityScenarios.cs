using Anatomic.Federation.Planting;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Simulation.Scenarios.EndToEnd;

/// <summary>What nodes and supernodes keep when they crash, and when their disks are full or wrong.</summary>
public static class DurabilityScenarios
{
    private const int ContentBytes = 40_000;
    private const int Rounds = 3;
    private const string Store = "plants";

    // One poll a minute, jittered, and the ways there and back.
    private static readonly TimeSpan PolledWithin = TimeSpan.FromSeconds(75);

    // The partners find the gap, the first of them waits a minute for its place, and they look every ten seconds.
    private static readonly TimeSpan RepairedWithin = TimeSpan.FromMinutes(10);

    /// <summary>A node crashes at any moment while several torrents are planted, and keeps every order that it gave a receipt for.</summary>
    public static async Task PlantingSurvivesCrashes(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(simulator, supernodes: 1, nodes: 3);
        var began = simulator.Now;
        var planted = new List<PlantedTorrent> { await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes)) };
        var took = (int)(simulator.Now - began).TotalMilliseconds;
        for (var round = 0; round < Rounds; round++)
        {
            var planting = Enumerable
                .Range(0, 4)
                .Select(number => TryPlantAsync(network, simulator.Entropy.Bytes(ContentBytes), $"{round}-{number}"))
                .ToArray();
            await simulator.WaitAsync(TimeSpan.FromMilliseconds(simulator.Entropy.Next(took)));
            var node = network.Nodes[simulator.Entropy.Next(network.Nodes.Count)];
            node.Crash();
            planted.AddRange((await Task.WhenAll(planting)).OfType<PlantedTorrent>());
            await simulator.WaitAsync(TimeSpan.FromSeconds(simulator.Entropy.Next(30)));
            await node.RestartAsync();
            await HoldsAllAsync(network, node, planted);
            await network.KnowsNodesAsync(network.Supernodes[0], network.Nodes.Count);
        }
    }

    /// <summary>
    /// A row of a node's store is changed or missing: it finds that at its start, begins a new epoch, and has the order again, from a
    /// supernode or another holder.
    /// </summary>
    public static async Task DamagedStoreIsRepaired(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(simulator, supernodes: 1, nodes: 3);
        var planted = new List<PlantedTorrent>();
        for (var number = 0; number < 3; number++)
        {
            planted.Add(await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes), name: $"{number}.bin"));
        }
        await simulator.WaitAsync(TimeSpan.FromMinutes(2));
        var node = network.Nodes[simulator.Entropy.Next(network.Nodes.Count)];
        var epoch = await EpochAsync(network, node);
        var receipts = node.Acknowledged;
        node.Crash();
        Damage(simulator, node);
        node.Acknowledged = 0;
        await node.RestartAsync();
        TestNetwork.Require(node.Node!.Service.Plants == receipts - 1, "the damaged row was taken for a good one");
        TestNetwork.Require(await EpochAsync(network, node) != epoch, "a damaged store goes on with its old epoch");
        await simulator.WaitUntilAsync(
            "the node has its orders again",
            () => node.Node!.Service.Plants == receipts,
            RepairedWithin
        );
        node.Acknowledged = receipts;
        await HoldsAllAsync(network, node, planted);
        foreach (var torrent in planted)
        {
            await FederationScenarios.FindsAsync(network, network.Supernodes[0], torrent, 2 * PolledWithin);
        }
    }

    /// <summary>A supernode comes back with what it knew: the nodes have nothing new to tell it.</summary>
    public static async Task SupernodeAnswersFromItsCache(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(simulator, supernodes: 1, nodes: 3);
        var torrent = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes));
        var supernode = network.Supernodes[0];
        await simulator.WaitAsync(PolledWithin);
        supernode.Crash();
        await simulator.WaitAsync(TimeSpan.FromSeconds(simulator.Entropy.Next(600)));
        await supernode.RestartAsync();
        await FederationScenarios.FindsAsync(network, supernode, torrent, TimeSpan.FromSeconds(10));
    }

    /// <summary>
    /// A node whose disk is full refuses and serves what it has; a supernode whose disk is full goes on answering. Both go on when there
    /// is room.
    /// </summary>
    public static async Task FullDisksStopNothing(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(simulator, supernodes: 1, nodes: 4);
        var first = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes), want: 4, name: "a.bin");
        var cramped = network.Nodes[simulator.Entropy.Next(network.Nodes.Count)];
        var supernode = network.Supernodes[0];
        await simulator.WaitAsync(PolledWithin);

        cramped.Host.Disk.CapacityBytes = 0;
        var second = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes), want: 4, name: "b.bin");
        TestNetwork.Require(second.Result.Holders.Count == 3, "a node with a full disk gave a receipt");
        TestNetwork.Require(
            second.Result.Remarks.Any(remark => remark.Contains("disk is full", StringComparison.Ordinal)),
            $"the planter does not say why a node refused: {string.Join("; ", second.Result.Remarks)}"
        );
        await ServesAsync(network, cramped, first);

        supernode.Host.Disk.CapacityBytes = 0;
        var third = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes), name: "c.bin");
        await simulator.WaitAsync(TimeSpan.FromMinutes(5));
        foreach (var swarm in FederationScenarios.SwarmsOf(first))
        {
            var found = await network.LookUpAsync(supernode, swarm);
            TestNetwork.Require(
                found.Orders is [{ Holders.Count: 4 }],
                "a supernode with a full disk forgot a torrent"
            );
        }

        cramped.Host.Disk.CapacityBytes = long.MaxValue;
        supernode.Host.Disk.CapacityBytes = long.MaxValue;
        await FederationScenarios.FindsAsync(network, supernode, third, 2 * PolledWithin);
        var fourth = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes), want: 4, name: "d.bin");
        TestNetwork.Require(fourth.Result.Holders.Count == 4, "a node with room again still refuses");
        await ServesAsync(network, cramped, first);
        await HoldsAllAsync(network, cramped, [first, second, third, fourth]);
    }

    private static async Task<PlantedTorrent?> TryPlantAsync(TestNetwork network, byte[] content, string name)
    {
        try
        {
            return await network.PlantAsync(content, want: 2, name: $"{name}.bin");
        }
        catch (PlantException)
        {
            return null;
        }
    }

    /// <summary>The node gives the bodies of all orders that it gave a receipt for.</summary>
    private static async Task HoldsAllAsync(TestNetwork network, ScenarioNode node, IEnumerable<PlantedTorrent> planted)
    {
        Hash32[] orders =
        [
            .. planted
                .Where(torrent => torrent.Result.Holders.Any(holder => holder.Id == node.Id))
                .Select(torrent => torrent.Result.Order),
        ];
        var ask = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(new Uri(node.AnnounceUrl), "orders"),
            Body = new OrdersRequest(orders).Write(),
            MaxResponseBytes = 1 << 20,
        };
        var reply = await network.Probe.RunAsync(async world =>
            (await world.Http.SendAsync(ask, CancellationToken.None)).Response
        );
        TestNetwork.Require(
            OrdersResponse.TryRead(reply.Body, out var bodies, out _) && bodies.Orders.Count == orders.Length,
            $"{node.Host.Name} does not hold all {orders.Length} orders that it gave a receipt for"
        );
    }

    private static async Task ServesAsync(TestNetwork network, ScenarioNode node, PlantedTorrent torrent)
    {
        foreach (var swarm in FederationScenarios.SwarmsOf(torrent))
        {
            TestNetwork.Require(
                await FederationScenarios.ServesAsync(network, node, swarm),
                $"{node.Host.Name} does not serve {swarm} any more"
            );
        }
    }

    private static async Task<long> EpochAsync(TestNetwork network, ScenarioNode node)
    {
        var reply = await network.AskAsync(new Uri(new Uri(node.AnnounceUrl), "plants?epoch=0&since=0&nonce=00"));
        Invariant.Holds(ManifestPage.TryRead(reply.Body, out var page, out _));
        Invariant.Holds(page.Head.Value.TryGetInteger("epoch"u8, out var epoch));
        return epoch;
    }

    private static void Damage(Simulator simulator, ScenarioNode node)
    {
        var rows = node.Host.Stores.Peek(Store, Store);
        var (key, value) = rows[simulator.Entropy.Next(rows.Count)];
        if (simulator.Entropy.Next(2) == 0)
        {
            node.Host.Stores.Delete(Store, Store, key);
            return;
        }
        byte[] changed = [.. value];
        changed[simulator.Entropy.Next(changed.Length)] ^= (byte)(1 << simulator.Entropy.Next(8));
        node.Host.Stores.Place(Store, Store, key, changed);
    }
}
