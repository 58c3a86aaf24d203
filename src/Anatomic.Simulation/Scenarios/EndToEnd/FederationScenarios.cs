using System.Text;
using Anatomic.Federation.Planting;
using Anatomic.Simulation.Scheduling;
using Anatomic.Tracker.Policy;
using Anatomic.Wire;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Trackers;

namespace Anatomic.Simulation.Scenarios.EndToEnd;

/// <summary>Nodes and supernodes among themselves: what they keep, pass on, and refuse.</summary>
public static class FederationScenarios
{
    private const int ContentBytes = 200_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly TrackerRules NothingAllowed = new([], []);

    // The network's figure for small swarms (2 s), and the ways there and back.
    private static readonly TimeSpan SharedWithin = TimeSpan.FromSeconds(2.2);

    // One poll a minute, jittered, and the ways there and back.
    private static readonly TimeSpan PolledWithin = TimeSpan.FromSeconds(75);

    /// <summary>A supernode loses all but its key and is whole again after a round of polls.</summary>
    public static async Task SupernodeIsRebuiltFromNodes(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(simulator, supernodes: 1, nodes: 3);
        var torrent = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes));
        var supernode = network.Supernodes[0];
        await simulator.WaitAsync(TimeSpan.FromMinutes(simulator.Entropy.Next(3)));
        var keys = supernode.Host.Stores.Peek("supernode-key", "identity");
        var name = supernode.Name;
        supernode.Crash();
        supernode.Host.Stores.Wipe();
        supernode.Host.Disk.Wipe();
        foreach (var (key, value) in keys)
        {
            supernode.Host.Stores.Place("supernode-key", "identity", key, value);
        }
        await supernode.RestartAsync();
        TestNetwork.Require(supernode.Name == name, "the supernode has another id after its key was put back");
        // Nodes offer their records again within half an hour; then one poll brings the index.
        await FindsAsync(network, supernode, torrent, TimeSpan.FromMinutes(32));
    }

    /// <summary>A node comes back with its plants, and serves them.</summary>
    public static async Task NodeKeepsItsPlants(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(simulator, supernodes: 1, nodes: 3);
        var torrent = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes));
        var node = network.Nodes[simulator.Entropy.Next(network.Nodes.Count)];
        var id = node.Node!.Id;
        node.Crash();
        await simulator.WaitAsync(TimeSpan.FromSeconds(simulator.Entropy.Next(300)));
        await node.RestartAsync();
        TestNetwork.Require(node.Node!.Id == id, "the node has another id after a restart");
        foreach (var swarm in SwarmsOf(torrent))
        {
            TestNetwork.Require(
                await ServesAsync(network, node, swarm),
                $"{node.Host.Name} does not serve {swarm} again"
            );
        }
    }

    /// <summary>Two clients that announce to different nodes find each other through peer sharing alone.</summary>
    public static async Task PeersMeetAcrossNodes(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(simulator, supernodes: 1, nodes: 2);
        var torrent = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes), want: 2);
        await simulator.WaitAsync(TimeSpan.FromSeconds(10 + simulator.Entropy.Next(600)));
        await network.AddSeeder().StartAsync(At(torrent, network.Nodes[0]), torrent.Content);
        var swarm = SwarmsOf(torrent)[0];
        await SeedsAsync(network, network.Nodes[0], swarm, TimeSpan.FromSeconds(10));
        await SeedsAsync(network, network.Nodes[1], swarm, SharedWithin);
        var leecher = network.AddClient("leecher");
        await leecher.StartAsync(At(torrent, network.Nodes[1]), torrent.Content);
        await network.FinishAsync(torrent, [leecher], Patience);
    }

    /// <summary>A hash resolves at every supernode as soon as it is planted, though the planter told only some.</summary>
    public static async Task EverySupernodeFindsAPlant(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(simulator, supernodes: 5, nodes: 4);
        // The supernodes meet each other by their exchanges.
        await simulator.WaitAsync(TimeSpan.FromMinutes(3));
        var torrent = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes), supernodesNamed: 1);
        foreach (var supernode in network.Supernodes)
        {
            foreach (var swarm in SwarmsOf(torrent))
            {
                // A supernode that polled one holder just now knows that one, and does not ask on.
                var found = await network.LookUpAsync(supernode, swarm);
                TestNetwork.Require(
                    found.Orders is [{ Holders.Count: > 0 }],
                    $"{supernode.Host.Name} does not find {swarm}"
                );
            }
        }
        foreach (var supernode in network.Supernodes)
        {
            await FindsAsync(network, supernode, torrent, PolledWithin);
        }
    }

    /// <summary>A node that refuses is passed over for the next candidate.</summary>
    public static async Task RefusingNodeIsPassedOver(Simulator simulator)
    {
        var refusing = simulator.Entropy.Next(4);
        var network = await TestNetwork.BuildAsync(
            simulator,
            supernodes: 1,
            nodes: 4,
            (index, options) => index == refusing ? options with { Rules = NothingAllowed } : options
        );
        var torrent = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes));
        TestNetwork.Require(torrent.Result.Holders.Count == 3, $"{torrent.Result.Holders.Count} holders instead of 3");
        TestNetwork.Require(network.Nodes[refusing].Node!.Service.Plants == 0, "the node that refused holds the order");
    }

    /// <summary>All nodes refuse: planting fails and nothing half-done stays anywhere.</summary>
    public static async Task NothingStaysWhenAllRefuse(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(
            simulator,
            supernodes: 2,
            nodes: 3,
            (_, options) => options with { Rules = NothingAllowed }
        );
        var fault = await RefusedAsync(network, simulator.Entropy.Bytes(ContentBytes));
        TestNetwork.Require(fault == PlantFault.Refused, $"planting failed as {fault}");
        await simulator.WaitAsync(TimeSpan.FromMinutes(2));
        TestNetwork.Require(
            network.Nodes.All(node => node.Node!.Service.Plants == 0),
            "an order stayed at a node that had refused it"
        );
    }

    private static async Task<PlantFault> RefusedAsync(TestNetwork network, byte[] content)
    {
        try
        {
            await network.PlantAsync(content);
        }
        catch (PlantException refused)
        {
            return refused.Fault;
        }
        throw new SimulationException(SimulationFault.Scenario, "planting succeeded at nodes that refuse");
    }

    internal static async Task FindsAsync(
        TestNetwork network,
        ScenarioSupernode supernode,
        PlantedTorrent torrent,
        TimeSpan within
    )
    {
        var until = network.Simulator.Now + within;
        foreach (var swarm in SwarmsOf(torrent))
        {
            while ((await network.LookUpAsync(supernode, swarm)).Orders is not [{ Holders.Count: 3 }])
            {
                TestNetwork.Require(
                    network.Simulator.Now < until,
                    $"{supernode.Host.Name} does not find {swarm} again"
                );
                await network.Simulator.WaitAsync(TimeSpan.FromSeconds(5));
            }
        }
    }

    internal static IReadOnlyList<Hash20> SwarmsOf(PlantedTorrent torrent) => torrent.Metainfo.Info.SwarmIds;

    /// <summary>The same torrent with one tracker only, and without the supernodes that would lead to others.</summary>
    private static TorrentMetainfo At(PlantedTorrent torrent, ScenarioNode node)
    {
        var edit = new MetainfoEdit
        {
            AnnounceTiers =
            [
                [node.AnnounceUrl],
            ],
            Anatomic = ReadOnlyMemory<byte>.Empty,
        };
        Invariant.Holds(TorrentMetainfo.TryRead(torrent.Metainfo.Rewrite(edit), out var changed, out _));
        return changed;
    }

    internal static async Task<bool> ServesAsync(TestNetwork network, ScenarioNode node, Hash20 swarm) =>
        (await ScrapeAsync(network, node, swarm)) is not null;

    private static async Task SeedsAsync(TestNetwork network, ScenarioNode node, Hash20 swarm, TimeSpan within)
    {
        var until = network.Simulator.Now + within;
        while (await ScrapeAsync(network, node, swarm) is not > 0)
        {
            TestNetwork.Require(
                network.Simulator.Now < until,
                $"{node.Host.Name} knows no seed within {within.TotalSeconds} s"
            );
            await network.Simulator.WaitAsync(TimeSpan.FromMilliseconds(50));
        }
    }

    /// <summary>Seeds that a scrape tells of; null when the node does not know the swarm.</summary>
    private static async Task<long?> ScrapeAsync(TestNetwork network, ScenarioNode node, Hash20 swarm)
    {
        Invariant.Holds(HttpClientCodec.TryScrape(node.AnnounceUrl, [swarm], out var url));
        var reply = await network.AskAsync(new Uri(url));
        if (!BencodeValue.TryParse(reply.Body, BencodeMode.Strict, out var value, out _))
        {
            throw new SimulationException(
                SimulationFault.Scenario,
                $"a scrape is answered {Encoding.Latin1.GetString(reply.Body.Span)}"
            );
        }
        var file = value.Find("files"u8)?.Entries is { Count: > 0 } files ? files[0].Value : null;
        return file is not null && file.TryGetInteger("complete"u8, out var seeds) ? seeds : null;
    }
}
