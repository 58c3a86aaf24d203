using Anatomic.Federation.Planting;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Simulation.Scenarios;

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
    public static async Task PlantingSurvivesCrashes(Universe universe)
    {
        var village = await Village.BuildAsync(universe, supernodes: 1, nodes: 3);
        var began = universe.Now;
        var planted = new List<PlantedTorrent> { await village.PlantAsync(universe.Entropy.Bytes(ContentBytes)) };
        var took = (int)(universe.Now - began).TotalMilliseconds;
        for (var round = 0; round < Rounds; round++)
        {
            var planting = Enumerable
                .Range(0, 4)
                .Select(number => TryPlantAsync(village, universe.Entropy.Bytes(ContentBytes), $"{round}-{number}"))
                .ToArray();
            await universe.WaitAsync(TimeSpan.FromMilliseconds(universe.Entropy.Next(took)));
            var node = village.Nodes[universe.Entropy.Next(village.Nodes.Count)];
            node.Crash();
            planted.AddRange((await Task.WhenAll(planting)).OfType<PlantedTorrent>());
            await universe.WaitAsync(TimeSpan.FromSeconds(universe.Entropy.Next(30)));
            await node.RestartAsync();
            await HoldsAllAsync(village, node, planted);
            await village.KnowsNodesAsync(village.Supernodes[0], village.Nodes.Count);
        }
    }

    /// <summary>
    /// A row of a node's store is changed or missing: it finds that at its start, begins a new epoch, and has the order again, from a
    /// supernode or another holder.
    /// </summary>
    public static async Task DamagedStoreIsRepaired(Universe universe)
    {
        var village = await Village.BuildAsync(universe, supernodes: 1, nodes: 3);
        var planted = new List<PlantedTorrent>();
        for (var number = 0; number < 3; number++)
        {
            planted.Add(await village.PlantAsync(universe.Entropy.Bytes(ContentBytes), name: $"{number}.bin"));
        }
        await universe.WaitAsync(TimeSpan.FromMinutes(2));
        var node = village.Nodes[universe.Entropy.Next(village.Nodes.Count)];
        var epoch = await EpochAsync(village, node);
        var receipts = node.Acknowledged;
        node.Crash();
        Damage(universe, node);
        node.Acknowledged = 0;
        await node.RestartAsync();
        Village.Require(node.Node!.Service.Plants == receipts - 1, "the damaged row was taken for a good one");
        Village.Require(await EpochAsync(village, node) != epoch, "a damaged store goes on with its old epoch");
        await universe.WaitUntilAsync(
            "the node has its orders again",
            () => node.Node!.Service.Plants == receipts,
            RepairedWithin
        );
        node.Acknowledged = receipts;
        await HoldsAllAsync(village, node, planted);
        foreach (var torrent in planted)
        {
            await FederationScenarios.FindsAsync(village, village.Supernodes[0], torrent, 2 * PolledWithin);
        }
    }

    /// <summary>A supernode comes back with what it knew: the nodes have nothing new to tell it.</summary>
    public static async Task SupernodeAnswersFromItsCache(Universe universe)
    {
        var village = await Village.BuildAsync(universe, supernodes: 1, nodes: 3);
        var torrent = await village.PlantAsync(universe.Entropy.Bytes(ContentBytes));
        var supernode = village.Supernodes[0];
        await universe.WaitAsync(PolledWithin);
        supernode.Crash();
        await universe.WaitAsync(TimeSpan.FromSeconds(universe.Entropy.Next(600)));
        await supernode.RestartAsync();
        await FederationScenarios.FindsAsync(village, supernode, torrent, TimeSpan.FromSeconds(10));
    }

    /// <summary>
    /// A node whose disk is full refuses and serves what it has; a supernode whose disk is full goes on answering. Both go on when there
    /// is room.
    /// </summary>
    public static async Task FullDisksStopNothing(Universe universe)
    {
        var village = await Village.BuildAsync(universe, supernodes: 1, nodes: 4);
        var first = await village.PlantAsync(universe.Entropy.Bytes(ContentBytes), want: 4, name: "a.bin");
        var cramped = village.Nodes[universe.Entropy.Next(village.Nodes.Count)];
        var supernode = village.Supernodes[0];
        await universe.WaitAsync(PolledWithin);

        cramped.Host.Disk.CapacityBytes = 0;
        var second = await village.PlantAsync(universe.Entropy.Bytes(ContentBytes), want: 4, name: "b.bin");
        Village.Require(second.Result.Holders.Count == 3, "a node with a full disk gave a receipt");
        Village.Require(
            second.Result.Remarks.Any(remark => remark.Contains("disk is full", StringComparison.Ordinal)),
            $"the planter does not say why a node refused: {string.Join("; ", second.Result.Remarks)}"
        );
        await ServesAsync(village, cramped, first);

        supernode.Host.Disk.CapacityBytes = 0;
        var third = await village.PlantAsync(universe.Entropy.Bytes(ContentBytes), name: "c.bin");
        await universe.WaitAsync(TimeSpan.FromMinutes(5));
        foreach (var swarm in FederationScenarios.SwarmsOf(first))
        {
            var found = await village.LookUpAsync(supernode, swarm);
            Village.Require(found.Orders is [{ Holders.Count: 4 }], "a supernode with a full disk forgot a torrent");
        }

        cramped.Host.Disk.CapacityBytes = long.MaxValue;
        supernode.Host.Disk.CapacityBytes = long.MaxValue;
        await FederationScenarios.FindsAsync(village, supernode, third, 2 * PolledWithin);
        var fourth = await village.PlantAsync(universe.Entropy.Bytes(ContentBytes), want: 4, name: "d.bin");
        Village.Require(fourth.Result.Holders.Count == 4, "a node with room again still refuses");
        await ServesAsync(village, cramped, first);
        await HoldsAllAsync(village, cramped, [first, second, third, fourth]);
    }

    private static async Task<PlantedTorrent?> TryPlantAsync(Village village, byte[] content, string name)
    {
        try
        {
            return await village.PlantAsync(content, want: 2, name: $"{name}.bin");
        }
        catch (PlantException)
        {
            return null;
        }
    }

    /// <summary>The node gives the bodies of all orders that it gave a receipt for.</summary>
    private static async Task HoldsAllAsync(Village village, NodePlace node, IEnumerable<PlantedTorrent> planted)
    {
        Hash32[] orders =
        [
            .. planted
                .Where(torrent => torrent.Result.Holders.Any(holder => holder.Id == node.Id))
                .Select(torrent => torrent.Result.Order),
        ];
        var ask = new HttpAsk
        {
            Method = "POST",
            Url = new Uri(new Uri(node.AnnounceUrl), "orders"),
            Body = new OrdersAsk(orders).Write(),
            MaxReplyBytes = 1 << 20,
        };
        var reply = await village.Probe.RunAsync(async world =>
            (await world.Exchange.SendAsync(ask, CancellationToken.None)).Reply
        );
        Village.Require(
            OrderBodies.TryRead(reply.Body, out var bodies, out _) && bodies.Orders.Count == orders.Length,
            $"{node.Host.Name} does not hold all {orders.Length} orders that it gave a receipt for"
        );
    }

    private static async Task ServesAsync(Village village, NodePlace node, PlantedTorrent torrent)
    {
        foreach (var swarm in FederationScenarios.SwarmsOf(torrent))
        {
            Village.Require(
                await FederationScenarios.ServesAsync(village, node, swarm),
                $"{node.Host.Name} does not serve {swarm} any more"
            );
        }
    }

    private static async Task<long> EpochAsync(Village village, NodePlace node)
    {
        var reply = await village.AskAsync(new Uri(new Uri(node.AnnounceUrl), "plants?epoch=0&since=0&nonce=00"));
        Invariant.Holds(ManifestPage.TryRead(reply.Body, out var page, out _));
        Invariant.Holds(page.Head.Value.TryGetInteger("epoch"u8, out var epoch));
        return epoch;
    }

    private static void Damage(Universe universe, NodePlace node)
    {
        var rows = node.Host.Stores.Peek(Store, Store);
        var (key, value) = rows[universe.Entropy.Next(rows.Count)];
        if (universe.Entropy.Next(2) == 0)
        {
            node.Host.Stores.Delete(Store, Store, key);
            return;
        }
        byte[] changed = [.. value];
        changed[universe.Entropy.Next(changed.Length)] ^= (byte)(1 << universe.Entropy.Next(8));
        node.Host.Stores.Place(Store, Store, key, changed);
    }
}
