using Anatomic.Engine.Creation;
using Anatomic.Federation;
using Anatomic.Federation.Planting;
using Anatomic.Federation.Supernodes;
using Anatomic.Hosting;
using Anatomic.Simulation.Scheduling;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Simulation.Scenarios.EndToEnd;

/// <summary>A small private network with its checkers, composed exactly as the program composes it.</summary>
public sealed class TestNetwork
{
    public const string Network = "local-village";
    private const int NodePort = 8080;
    private const int SupernodePort = 8000;
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(3); // two rounds of polls and some seconds
    private readonly List<ScenarioSupernode> supernodes = [];
    private readonly List<ScenarioNode> nodes = [];
    private readonly List<ScenarioClient> clients = [];
    private readonly PeerSharingChecker sharingChecker;

    private TestNetwork(Simulator simulator)
    {
        Simulator = simulator;
        sharingChecker = PeerSharingChecker.Watch(simulator);
        simulator.AddInvariant("no acknowledged plant is lost", () => FirstOf(nodes.Select(node => node.Check())));
        simulator.AddInvariant("no wrong piece is claimed", () => FirstOf(clients.Select(client => client.Check())));
        Probe = simulator.AddHost("probe", "10.9.0.1");
        Planter = simulator.AddHost("planter", "10.8.0.1");
    }

    public Simulator Simulator { get; }
    public IReadOnlyList<ScenarioSupernode> Supernodes => supernodes;
    public IReadOnlyList<ScenarioNode> Nodes => nodes;
    public IReadOnlyList<ScenarioClient> Clients => clients;

    /// <summary>A host that looks at others from outside.</summary>
    public SimulatedHost Probe { get; }

    /// <summary>The publisher's host: creates, plants and seeds.</summary>
    public SimulatedHost Planter { get; }

    public int PeersShared => sharingChecker.Shared;

    /// <summary>Starts supernodes, then nodes, and returns when every supernode knows every node.</summary>
    /// <param name="simulator">Where.</param>
    /// <param name="supernodes">How many.</param>
    /// <param name="nodes">How many.</param>
    /// <param name="configure">Changes the options of the node with this number, from 0; null: nothing is changed.</param>
    public static async Task<TestNetwork> BuildAsync(
        Simulator simulator,
        int supernodes,
        int nodes,
        Func<int, NodeHostOptions, NodeHostOptions>? configure = null
    )
    {
        var network = new TestNetwork(simulator);
        for (var i = 0; i < supernodes; i++)
        {
            await network.AddSupernodeAsync(i);
        }
        for (var i = 0; i < nodes; i++)
        {
            await network.AddNodeAsync(i, configure);
        }
        foreach (var supernode in network.supernodes)
        {
            await network.KnowsNodesAsync(supernode, nodes);
        }
        return network;
    }

    public ScenarioClient AddClient(string name)
    {
        var host = Simulator.AddHost(name, $"10.3.0.{clients.Count + 1}");
        return Join(host);
    }

    /// <summary>The planter's own client, to seed what it has planted.</summary>
    public ScenarioClient AddSeeder() => Join(Planter);

    /// <summary>Creates a torrent of this content at the planter and plants it.</summary>
    public async Task<PlantedTorrent> PlantAsync(
        byte[] content,
        int want = 3,
        int? supernodesNamed = null,
        string name = "film.bin"
    )
    {
        Planter.Disk.Place($"/data/{name}", content);
        var named = supernodes.Take(supernodesNamed ?? supernodes.Count).Select(supernode => supernode.Name);
        var options = new PlantOptions
        {
            Network = Network,
            Nodes = want,
            Supernodes = [.. named],
        };
        var result = await Planter.RunAsync(async world =>
        {
            var metainfo = await TorrentCreator.CreateAsync(
                world,
                $"/data/{name}",
                new CreateOptions { PieceLength = 32 * 1024 },
                progress: null,
                CancellationToken.None
            );
            var key = await PlanterKey.OpenAsync(world, CancellationToken.None);
            return await new Planter(world, key).PlantAsync(metainfo, options, _ => { }, CancellationToken.None);
        });
        Invariant.Holds(TorrentMetainfo.TryRead(result.Torrent, out var planted, out _));
        foreach (var holder in result.Holders)
        {
            nodes.Single(node => node.Id == holder.Id).Acknowledged++;
        }
        return new PlantedTorrent(planted, result, content);
    }

    /// <summary>Waits until the clients have the whole file, and compares it byte for byte.</summary>
    public async Task FinishAsync(PlantedTorrent torrent, IEnumerable<ScenarioClient> downloading, TimeSpan atMost)
    {
        ScenarioClient[] all = [.. downloading];
        await Simulator.WaitUntilAsync(
            () => "all have finished" + string.Concat(clients.Select(client => $"\n  {client.Describe()}")),
            () => all.All(client => client.IsComplete),
            atMost
        );
        foreach (var client in all)
        {
            var file = client.Host.Disk.Peek(client.FilePath(torrent.Metainfo)) ?? [];
            Require(file.AsSpan().SequenceEqual(torrent.Content), $"{client.Host.Name} has finished with another file");
        }
    }

    /// <summary>What a supernode answers to a lookup; fails on any other status than 200 and 404.</summary>
    public async Task<LookupResponse> LookUpAsync(ScenarioSupernode supernode, Hash20 swarm)
    {
        var reply = await AskAsync(new Uri(supernode.Url, $"lookup?h={swarm}"));
        if (reply.Status == 404)
        {
            return new LookupResponse([]);
        }
        Require(reply.Status == 200, $"a lookup is answered {reply.Status}");
        return LookupResponse.TryRead(reply.Body, out var found, out var fault)
            ? found
            : throw Failed($"a lookup's answer cannot be read: {fault}");
    }

    /// <summary>One GET from the probe.</summary>
    public async Task<HttpResponse> AskAsync(Uri url)
    {
        var ask = new OutboundRequest { Url = url, MaxResponseBytes = 1 << 20 };
        var received = await Probe.RunAsync(async world => await world.Http.SendAsync(ask, CancellationToken.None));
        return received.Response;
    }

    /// <summary>Waits until a supernode's directory has so many live nodes.</summary>
    public async Task KnowsNodesAsync(ScenarioSupernode supernode, int count)
    {
        var until = Simulator.Now + Settling;
        var known = -1;
        while (known < count)
        {
            Require(Simulator.Now < until, $"{supernode.Host.Name} knows {known} of {count} nodes");
            await Simulator.WaitAsync(TimeSpan.FromSeconds(1));
            var reply = await AskAsync(new Uri(supernode.Url, "records?role=node"));
            known = RecordList.TryRead(reply.Body, out var list, out _) ? list.Records.Count : 0;
        }
    }

    public static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw Failed(otherwise);
        }
    }

    private static SimulationException Failed(string what) => new(SimulationFault.Scenario, what);

    private static string? FirstOf(IEnumerable<string?> findings) => findings.FirstOrDefault(one => one is not null);

    private ScenarioClient Join(SimulatedHost host)
    {
        var client = new ScenarioClient(host, Network);
        sharingChecker.Know(host);
        clients.Add(client);
        return client;
    }

    private async Task AddSupernodeAsync(int index)
    {
        var host = Simulator.AddHost($"supernode-{index + 1}", $"10.1.0.{index + 1}");
        var options = new SupernodeHostOptions
        {
            Listen = [Endpoint.From(host.Addresses[0], SupernodePort)],
            Supernode = new SupernodeOptions
            {
                Network = Network,
                Peers = [.. supernodes.Select(supernode => supernode.Name)],
            },
        };
        var place = new ScenarioSupernode(host, options);
        supernodes.Add(place);
        await place.StartAsync();
    }

    private async Task AddNodeAsync(int index, Func<int, NodeHostOptions, NodeHostOptions>? configure)
    {
        var host = Simulator.AddHost($"node-{index + 1}", $"10.2.0.{index + 1}");
        sharingChecker.Know(host);
        Invariant.Holds(NetworkOptions.TryCreate(Network, allowPrivate: true, out var network, out _));
        var options = new NodeHostOptions
        {
            Listen = [Endpoint.From(host.Addresses[0], NodePort)],
            Network = network,
            Supernodes = [.. supernodes.Select(supernode => supernode.Name)],
        };
        var place = new ScenarioNode(host, configure?.Invoke(index, options) ?? options);
        nodes.Add(place);
        await place.StartAsync();
    }
}

/// <param name="Metainfo">The planted torrent.</param>
/// <param name="Result">What the planter said.</param>
/// <param name="Content">The file.</param>
public sealed record PlantedTorrent(TorrentMetainfo Metainfo, PlantResult Result, byte[] Content);
