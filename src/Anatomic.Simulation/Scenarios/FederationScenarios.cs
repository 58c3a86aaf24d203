using System.Text;
using Anatomic.Federation.Planting;
using Anatomic.Tracker;
using Anatomic.Wire;
using Anatomic.Wire.Bencoding;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Trackers;

namespace Anatomic.Simulation.Scenarios;

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
    public static async Task SupernodeIsRebuiltFromNodes(Universe universe)
    {
        var village = await Village.BuildAsync(universe, supernodes: 1, nodes: 3);
        var torrent = await village.PlantAsync(universe.Entropy.Bytes(ContentBytes));
        var supernode = village.Supernodes[0];
        await universe.WaitAsync(TimeSpan.FromMinutes(universe.Entropy.Next(3)));
        var keys = supernode.Host.Stores.Peek("supernode-key", "identity");
        var name = supernode.Name;
        supernode.Crash();
        supernode.Host.Stores.Lose();
        supernode.Host.Disk.Lose();
        foreach (var (key, value) in keys)
        {
            supernode.Host.Stores.Place("supernode-key", "identity", key, value);
        }
        await supernode.RestartAsync();
        Village.Require(supernode.Name == name, "the supernode has another id after its key was put back");
        // Nodes offer their records again within half an hour; then one poll brings the index.
        await FindsAsync(village, supernode, torrent, TimeSpan.FromMinutes(32));
    }

    /// <summary>A node comes back with its plants, and serves them.</summary>
    public static async Task NodeKeepsItsPlants(Universe universe)
    {
        var village = await Village.BuildAsync(universe, supernodes: 1, nodes: 3);
        var torrent = await village.PlantAsync(universe.Entropy.Bytes(ContentBytes));
        var node = village.Nodes[universe.Entropy.Next(village.Nodes.Count)];
        var id = node.Node!.Id;
        node.Crash();
        await universe.WaitAsync(TimeSpan.FromSeconds(universe.Entropy.Next(300)));
        await node.RestartAsync();
        Village.Require(node.Node!.Id == id, "the node has another id after a restart");
        foreach (var swarm in SwarmsOf(torrent))
        {
            Village.Require(await ServesAsync(village, node, swarm), $"{node.Host.Name} does not serve {swarm} again");
        }
    }

    /// <summary>Two clients that announce to different nodes find each other through peer sharing alone.</summary>
    public static async Task PeersMeetAcrossNodes(Universe universe)
    {
        var village = await Village.BuildAsync(universe, supernodes: 1, nodes: 2);
        var torrent = await village.PlantAsync(universe.Entropy.Bytes(ContentBytes), want: 2);
        await universe.WaitAsync(TimeSpan.FromSeconds(10 + universe.Entropy.Next(600)));
        await village.AddSeeder().StartAsync(At(torrent, village.Nodes[0]), torrent.Content);
        var swarm = SwarmsOf(torrent)[0];
        await SeedsAsync(village, village.Nodes[0], swarm, TimeSpan.FromSeconds(10));
        await SeedsAsync(village, village.Nodes[1], swarm, SharedWithin);
        var leecher = village.AddClient("leecher");
        await leecher.StartAsync(At(torrent, village.Nodes[1]), torrent.Content);
        await village.FinishAsync(torrent, [leecher], Patience);
    }

    /// <summary>A hash resolves at every supernode as soon as it is planted, though the planter told only some.</summary>
    public static async Task EverySupernodeFindsAPlant(Universe universe)
    {
        var village = await Village.BuildAsync(universe, supernodes: 5, nodes: 4);
        // The supernodes meet each other by their exchanges.
        await universe.WaitAsync(TimeSpan.FromMinutes(3));
        var torrent = await village.PlantAsync(universe.Entropy.Bytes(ContentBytes), supernodesNamed: 1);
        foreach (var supernode in village.Supernodes)
        {
            foreach (var swarm in SwarmsOf(torrent))
            {
                // A supernode that polled one holder just now knows that one, and does not ask on.
                var found = await village.LookUpAsync(supernode, swarm);
                Village.Require(
                    found.Orders is [{ Holders.Count: > 0 }],
                    $"{supernode.Host.Name} does not find {swarm}"
                );
            }
        }
        foreach (var supernode in village.Supernodes)
        {
            await FindsAsync(village, supernode, torrent, PolledWithin);
        }
    }

    /// <summary>A node that refuses is passed over for the next candidate.</summary>
    public static async Task RefusingNodeIsPassedOver(Universe universe)
    {
        var refusing = universe.Entropy.Next(4);
        var village = await Village.BuildAsync(
            universe,
            supernodes: 1,
            nodes: 4,
            (index, options) => index == refusing ? options with { Rules = NothingAllowed } : options
        );
        var torrent = await village.PlantAsync(universe.Entropy.Bytes(ContentBytes));
        Village.Require(torrent.Result.Holders.Count == 3, $"{torrent.Result.Holders.Count} holders instead of 3");
        Village.Require(village.Nodes[refusing].Node!.Service.Plants == 0, "the node that refused holds the order");
    }

    /// <summary>All nodes refuse: planting fails and nothing half-done stays anywhere.</summary>
    public static async Task NothingStaysWhenAllRefuse(Universe universe)
    {
        var village = await Village.BuildAsync(
            universe,
            supernodes: 2,
            nodes: 3,
            (_, options) => options with { Rules = NothingAllowed }
        );
        var fault = await RefusedAsync(village, universe.Entropy.Bytes(ContentBytes));
        Village.Require(fault == PlantFault.Refused, $"planting failed as {fault}");
        await universe.WaitAsync(TimeSpan.FromMinutes(2));
        Village.Require(
            village.Nodes.All(node => node.Node!.Service.Plants == 0),
            "an order stayed at a node that had refused it"
        );
    }

    private static async Task<PlantFault> RefusedAsync(Village village, byte[] content)
    {
        try
        {
            await village.PlantAsync(content);
        }
        catch (PlantException refused)
        {
            return refused.Fault;
        }
        throw new SimulationException(SimulationFault.Scenario, "planting succeeded at nodes that refuse");
    }

    internal static async Task FindsAsync(
        Village village,
        SupernodePlace supernode,
        PlantedTorrent torrent,
        TimeSpan within
    )
    {
        var until = village.Universe.Now + within;
        foreach (var swarm in SwarmsOf(torrent))
        {
            while ((await village.LookUpAsync(supernode, swarm)).Orders is not [{ Holders.Count: 3 }])
            {
                Village.Require(village.Universe.Now < until, $"{supernode.Host.Name} does not find {swarm} again");
                await village.Universe.WaitAsync(TimeSpan.FromSeconds(5));
            }
        }
    }

    internal static IReadOnlyList<Hash20> SwarmsOf(PlantedTorrent torrent) => torrent.Metainfo.Info.SwarmIds;

    /// <summary>The same torrent with one tracker only, and without the supernodes that would lead to others.</summary>
    private static TorrentMetainfo At(PlantedTorrent torrent, NodePlace node)
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

    internal static async Task<bool> ServesAsync(Village village, NodePlace node, Hash20 swarm) =>
        (await ScrapeAsync(village, node, swarm)) is not null;

    private static async Task SeedsAsync(Village village, NodePlace node, Hash20 swarm, TimeSpan within)
    {
        var until = village.Universe.Now + within;
        while (await ScrapeAsync(village, node, swarm) is not > 0)
        {
            Village.Require(
                village.Universe.Now < until,
                $"{node.Host.Name} knows no seed within {within.TotalSeconds} s"
            );
            await village.Universe.WaitAsync(TimeSpan.FromMilliseconds(50));
        }
    }

    /// <summary>Seeds that a scrape tells of; null when the node does not know the swarm.</summary>
    private static async Task<long?> ScrapeAsync(Village village, NodePlace node, Hash20 swarm)
    {
        Invariant.Holds(HttpRequests.TryScrape(node.AnnounceUrl, [swarm], out var url));
        var reply = await village.AskAsync(new Uri(url));
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
