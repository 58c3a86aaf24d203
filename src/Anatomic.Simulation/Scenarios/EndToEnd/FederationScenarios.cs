using System.Text;
using Anatomic.Federation.Planting;
using Anatomic.Tracker.Policy;
using Anatomic.Wire;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Trackers;

namespace Anatomic.Simulation.Scenarios.EndToEnd;

/// <summary>How nodes and supernodes work together: what they keep, pass on and reject.</summary>
public static class FederationScenarios
{
    private const int ContentBytes = 200_000;
    private static readonly TimeSpan DownloadTimeout = TimeSpan.FromMinutes(5);

    private static readonly TrackerRules NothingAllowed = new([], []);

    // The network's target for small swarms (2 s), plus latency.
    private static readonly TimeSpan SharingTimeout = TimeSpan.FromSeconds(2.2);

    // One poll a minute, plus jitter and latency.
    private static readonly TimeSpan PollTimeout = TimeSpan.FromSeconds(75);

    /// <summary>A supernode that lost everything but its key is complete again after a round of polls.</summary>
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
        ScenarioAssert.That(supernode.Name == name, "the supernode changed its id although its key was restored");
        // Nodes send their records again within half an hour; then one poll rebuilds the index.
        await WaitForLookupAsync(network, supernode, torrent, TimeSpan.FromMinutes(32));
    }

    /// <summary>A restarted node still has its plants and serves them.</summary>
    public static async Task NodeKeepsItsPlants(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(simulator, supernodes: 1, nodes: 3);
        var torrent = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes));
        var node = network.Nodes[simulator.Entropy.Next(network.Nodes.Count)];
        var id = node.Node!.Id;
        node.Crash();
        await simulator.WaitAsync(TimeSpan.FromSeconds(simulator.Entropy.Next(300)));
        await node.RestartAsync();
        ScenarioAssert.That(node.Node!.Id == id, "the node changed its id in a restart");
        foreach (var swarm in SwarmsOf(torrent))
        {
            ScenarioAssert.That(
                await ServesAsync(network, node, swarm),
                $"{node.Host.Name} does not serve {swarm} after the restart"
            );
        }
    }

    /// <summary>Two clients that announce to different nodes find each other through peer sharing alone.</summary>
    public static async Task PeersMeetAcrossNodes(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(simulator, supernodes: 1, nodes: 2);
        var torrent = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes), want: 2);
        await simulator.WaitAsync(TimeSpan.FromSeconds(10 + simulator.Entropy.Next(600)));
        await network.AddSeeder().StartAsync(WithOnlyTracker(torrent, network.Nodes[0]), torrent.Content);
        var swarm = SwarmsOf(torrent)[0];
        await WaitForSeedAsync(network, network.Nodes[0], swarm, TimeSpan.FromSeconds(10));
        await WaitForSeedAsync(network, network.Nodes[1], swarm, SharingTimeout);
        var leecher = network.AddClient("leecher");
        await leecher.StartAsync(WithOnlyTracker(torrent, network.Nodes[1]), torrent.Content);
        await network.FinishAsync(torrent, [leecher], DownloadTimeout);
    }

    /// <summary>
    /// Every supernode resolves an info-hash right after planting, although the planter contacted only one.
    /// </summary>
    public static async Task EverySupernodeFindsAPlant(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(simulator, supernodes: 5, nodes: 4);
        // The supernodes learn of each other by gossip.
        await simulator.WaitAsync(TimeSpan.FromMinutes(3));
        var torrent = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes), supernodesNamed: 1);
        foreach (var supernode in network.Supernodes)
        {
            foreach (var swarm in SwarmsOf(torrent))
            {
                // A supernode that has just polled one holder knows only that one, and forwards no lookup.
                var found = await network.LookUpAsync(supernode, swarm);
                ScenarioAssert.That(
                    found.Orders is [{ Holders.Count: > 0 }],
                    $"{supernode.Host.Name} does not find {swarm}"
                );
            }
        }
        foreach (var supernode in network.Supernodes)
        {
            await WaitForLookupAsync(network, supernode, torrent, PollTimeout);
        }
    }

    /// <summary>The planter skips a node that rejects the order and uses the next candidate.</summary>
    public static async Task RejectingNodeIsSkipped(Simulator simulator)
    {
        var rejecting = simulator.Entropy.Next(4);
        var network = await TestNetwork.BuildAsync(
            simulator,
            supernodes: 1,
            nodes: 4,
            (index, options) => index == rejecting ? options with { Rules = NothingAllowed } : options
        );
        var torrent = await network.PlantAsync(simulator.Entropy.Bytes(ContentBytes));
        ScenarioAssert.That(torrent.Result.Holders.Count == 3, $"{torrent.Result.Holders.Count} holders instead of 3");
        ScenarioAssert.That(
            network.Nodes[rejecting].Node!.Service.Plants == 0,
            "the node that rejected the order holds it"
        );
    }

    /// <summary>Planting fails when all nodes reject the order, and leaves nothing behind.</summary>
    public static async Task NothingRemainsWhenAllReject(Simulator simulator)
    {
        var network = await TestNetwork.BuildAsync(
            simulator,
            supernodes: 2,
            nodes: 3,
            (_, options) => options with { Rules = NothingAllowed }
        );
        var fault = await PlantRejectedAsync(network, simulator.Entropy.Bytes(ContentBytes));
        ScenarioAssert.That(fault == PlantFault.Refused, $"planting failed as {fault}");
        await simulator.WaitAsync(TimeSpan.FromMinutes(2));
        ScenarioAssert.That(
            network.Nodes.All(node => node.Node!.Service.Plants == 0),
            "a node holds an order that it rejected"
        );
    }

    private static async Task<PlantFault> PlantRejectedAsync(TestNetwork network, byte[] content)
    {
        try
        {
            await network.PlantAsync(content);
        }
        catch (PlantException failed)
        {
            return failed.Fault;
        }
        throw ScenarioAssert.Failed("planting succeeded although all nodes reject orders");
    }

    internal static async Task WaitForLookupAsync(
        TestNetwork network,
        ScenarioSupernode supernode,
        PlantedTorrent torrent,
        TimeSpan timeout
    )
    {
        var until = network.Simulator.Now + timeout;
        foreach (var swarm in SwarmsOf(torrent))
        {
            while ((await network.LookUpAsync(supernode, swarm)).Orders is not [{ Holders.Count: 3 }])
            {
                ScenarioAssert.That(
                    network.Simulator.Now < until,
                    $"{supernode.Host.Name} does not find {swarm} in time"
                );
                await network.Simulator.WaitAsync(TimeSpan.FromSeconds(5));
            }
        }
    }

    internal static IReadOnlyList<Hash20> SwarmsOf(PlantedTorrent torrent) => torrent.Metainfo.Info.SwarmIds;

    /// <summary>The same torrent with one tracker only, and without the supernodes that would name others.</summary>
    private static TorrentMetainfo WithOnlyTracker(PlantedTorrent torrent, ScenarioNode node)
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

    private static async Task WaitForSeedAsync(TestNetwork network, ScenarioNode node, Hash20 swarm, TimeSpan timeout)
    {
        var until = network.Simulator.Now + timeout;
        while (await ScrapeAsync(network, node, swarm) is not > 0)
        {
            ScenarioAssert.That(
                network.Simulator.Now < until,
                $"{node.Host.Name} knows no seed after {timeout.TotalSeconds} s"
            );
            await network.Simulator.WaitAsync(TimeSpan.FromMilliseconds(50));
        }
    }

    /// <summary>The number of seeds in a scrape; null when the node does not know the swarm.</summary>
    private static async Task<long?> ScrapeAsync(TestNetwork network, ScenarioNode node, Hash20 swarm)
    {
        Invariant.Holds(HttpClientCodec.TryScrape(node.AnnounceUrl, [swarm], out var url));
        var reply = await network.GetAsync(new Uri(url));
        if (!BencodeValue.TryParse(reply.Body, BencodeMode.Strict, out var value, out _))
        {
            throw ScenarioAssert.Failed($"a scrape returned {Encoding.Latin1.GetString(reply.Body.Span)}");
        }
        var file = value.Find("files"u8)?.Entries is { Count: > 0 } files ? files[0].Value : null;
        return file is not null && file.TryGetInteger("complete"u8, out var seeds) ? seeds : null;
    }
}
