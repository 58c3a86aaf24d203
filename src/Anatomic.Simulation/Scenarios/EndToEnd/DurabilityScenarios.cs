using Anatomic.Federation.Planting;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Simulation.Scenarios.EndToEnd;

/// <summary>What nodes and supernodes keep across crashes, full disks and damaged stores.</summary>
public static class DurabilityScenarios
{
    private const int ContentBytes = 40_000;
    private const int Crashes = 3;
    private const string PlantStore = "plants"; // the store, and its only table with orders

    // One poll a minute, plus jitter and latency.
    private static readonly TimeSpan PollTimeout = TimeSpan.FromSeconds(75);

    // The partners notice the gap, the first of them waits a minute before it repairs, and they check every ten
    // seconds.
    private static readonly TimeSpan RepairTimeout = TimeSpan.FromMinutes(10);

    /// <summary>
    /// A node crashes at a random moment while several torrents are planted. It keeps every order it gave a receipt
    /// for.
    /// </summary>
    public static async Task PlantingSurvivesCrashes(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(simulator, supernodes: 1, nodes: 3);
        var began = simulator.Now;
        var planted = new List<PlantedTorrent> { await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes)) };
        var took = (int)(simulator.Now - began).TotalMilliseconds;
        for (var round = 0; round < Crashes; round++)
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
            await RequireOrdersAsync(network, node, planted);
            await network.WaitForNodesAsync(network.Supernodes[0], network.Nodes.Count);
        }
    }

    /// <summary>
    /// A row of a node's store is changed or missing. The node detects this at startup, begins a new epoch, and gets
    /// the order back from a supernode or another holder.
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
        ScenarioAssert.That(node.Node!.Service.Plants == receipts - 1, "the node accepted the damaged row");
        ScenarioAssert.That(
            await EpochAsync(network, node) != epoch,
            "the node kept its epoch after its store was damaged"
        );
        await simulator.WaitUntilAsync(
            "the node recovers its orders",
            () => node.Node!.Service.Plants == receipts,
            RepairTimeout
        );
        node.Acknowledged = receipts;
        await RequireOrdersAsync(network, node, planted);
        foreach (var torrent in planted)
        {
            await FederationScenarios.WaitForLookupAsync(network, network.Supernodes[0], torrent, 2 * PollTimeout);
        }
    }

    /// <summary>
    /// A restarted supernode answers lookups from its durable cache, before any node sends it something new.
    /// </summary>
    public static async Task SupernodeAnswersFromItsCache(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(simulator, supernodes: 1, nodes: 3);
        var torrent = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes));
        var supernode = network.Supernodes[0];
        await simulator.WaitAsync(PollTimeout);
        supernode.Crash();
        await simulator.WaitAsync(TimeSpan.FromSeconds(simulator.Entropy.Next(600)));
        await supernode.RestartAsync();
        await FederationScenarios.WaitForLookupAsync(network, supernode, torrent, TimeSpan.FromSeconds(10));
    }

    /// <summary>
    /// A node with a full disk rejects orders and keeps serving the ones it has; a supernode with a full disk keeps
    /// answering. Both recover once there is space.
    /// </summary>
    public static async Task FullDisksStopNothing(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(simulator, supernodes: 1, nodes: 4);
        var first = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes), want: 4, name: "a.bin");
        var fullNode = network.Nodes[simulator.Entropy.Next(network.Nodes.Count)];
        var supernode = network.Supernodes[0];
        await simulator.WaitAsync(PollTimeout);

        fullNode.Host.Disk.CapacityBytes = 0;
        var second = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes), want: 4, name: "b.bin");
        ScenarioAssert.That(second.Result.Holders.Count == 3, "a node with a full disk gave a receipt");
        ScenarioAssert.That(
            second.Result.Remarks.Any(remark => remark.Contains("disk is full", StringComparison.Ordinal)),
            "the planter does not report why a node rejected the order: "
                + $"{string.Join("; ", second.Result.Remarks)}"
        );
        await ServesAsync(network, fullNode, first);

        supernode.Host.Disk.CapacityBytes = 0;
        var third = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes), name: "c.bin");
        await simulator.WaitAsync(TimeSpan.FromMinutes(5));
        foreach (var swarm in FederationScenarios.SwarmsOf(first))
        {
            var found = await network.LookUpAsync(supernode, swarm);
            ScenarioAssert.That(
                found.Orders is [{ Holders.Count: 4 }],
                "a supernode with a full disk forgot a torrent"
            );
        }

        fullNode.Host.Disk.CapacityBytes = long.MaxValue;
        supernode.Host.Disk.CapacityBytes = long.MaxValue;
        await FederationScenarios.WaitForLookupAsync(network, supernode, third, 2 * PollTimeout);
        var fourth = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes), want: 4, name: "d.bin");
        ScenarioAssert.That(fourth.Result.Holders.Count == 4, "a node that has space again still rejects orders");
        await ServesAsync(network, fullNode, first);
        await RequireOrdersAsync(network, fullNode, [first, second, third, fourth]);
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

    /// <summary>Requires that the node returns every order it gave a receipt for.</summary>
    private static async Task RequireOrdersAsync(
        TestNetwork network,
        ScenarioNode node,
        IEnumerable<PlantedTorrent> planted
    )
    {
        Hash32[] orders =
        [
            .. planted
                .Where(torrent => torrent.Result.Holders.Any(holder => holder.Id == node.Id))
                .Select(torrent => torrent.Result.Order),
        ];
        var request = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(new Uri(node.AnnounceUrl), "orders"),
            Body = new OrdersRequest(orders).Write(),
            MaxResponseBytes = 1 << 20,
        };
        var reply = await network.Probe.RunAsync(async world =>
            (await world.Http.SendAsync(request, CancellationToken.None)).Response
        );
        ScenarioAssert.That(
            OrdersResponse.TryRead(reply.Body, out var bodies, out _) && bodies.Orders.Count == orders.Length,
            $"{node.Host.Name} does not hold all {orders.Length} orders it gave a receipt for"
        );
    }

    private static async Task ServesAsync(TestNetwork network, ScenarioNode node, PlantedTorrent torrent)
    {
        foreach (var swarm in FederationScenarios.SwarmsOf(torrent))
        {
            ScenarioAssert.That(
                await FederationScenarios.ServesAsync(network, node, swarm),
                $"{node.Host.Name} no longer serves {swarm}"
            );
        }
    }

    private static async Task<long> EpochAsync(TestNetwork network, ScenarioNode node)
    {
        var reply = await network.GetAsync(new Uri(new Uri(node.AnnounceUrl), "plants?epoch=0&since=0&nonce=00"));
        Invariant.Holds(ManifestPage.TryRead(reply.Body, out var page, out _));
        Invariant.Holds(page.Head.Value.TryGetInteger("epoch"u8, out var epoch));
        return epoch;
    }

    private static void Damage(Simulator simulator, ScenarioNode node)
    {
        var rows = node.Host.Stores.Peek(PlantStore, PlantStore);
        var (key, value) = rows[simulator.Entropy.Next(rows.Count)];
        if (simulator.Entropy.Next(2) == 0)
        {
            node.Host.Stores.Delete(PlantStore, PlantStore, key);
            return;
        }
        byte[] changed = [.. value];
        changed[simulator.Entropy.Next(changed.Length)] ^= (byte)(1 << simulator.Entropy.Next(8));
        node.Host.Stores.Place(PlantStore, PlantStore, key, changed);
    }
}
