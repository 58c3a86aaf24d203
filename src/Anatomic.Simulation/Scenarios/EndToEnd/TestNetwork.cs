using Anatomic.Engine.Creation;
using Anatomic.Federation;
using Anatomic.Federation.Planting;
using Anatomic.Federation.Supernodes;
using Anatomic.Hosting;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Simulation.Scenarios.EndToEnd;

/// <summary>A small private network with its invariants, composed exactly as the program composes it.</summary>
public sealed class TestNetwork
{
    public const string Network = "local-simulation";
    private const int NodePort = 8080;
    private const int SupernodePort = 8000;
    private static readonly TimeSpan RegistrationTimeout = TimeSpan.FromMinutes(3); // two rounds of polls
    private readonly List<ScenarioSupernode> supernodes = [];
    private readonly List<ScenarioNode> nodes = [];
    private readonly List<ScenarioClient> clients = [];
    private readonly PeerSharingChecker sharingChecker;

    private TestNetwork(Simulator simulator)
    {
        Simulator = simulator;
        sharingChecker = PeerSharingChecker.Install(simulator);
        simulator.AddInvariant(
            "no node loses an acknowledged order",
            () => FirstOf(nodes.Select(node => node.CheckReceipts()))
        );
        simulator.AddInvariant(
            "no client counts wrong data as done",
            () => FirstOf(clients.Select(client => client.CheckProgress()))
        );
        Probe = simulator.AddHost("probe", "10.9.0.1");
        Planter = simulator.AddHost("planter", "10.8.0.1");
    }

    public Simulator Simulator { get; }
    public IReadOnlyList<ScenarioSupernode> Supernodes => supernodes;
    public IReadOnlyList<ScenarioNode> Nodes => nodes;
    public IReadOnlyList<ScenarioClient> Clients => clients;

    /// <summary>A host that sends the scenario's own requests.</summary>
    public SimulatedHost Probe { get; }

    /// <summary>The publisher's host, which creates, plants and seeds torrents.</summary>
    public SimulatedHost Planter { get; }

    /// <summary>Peers that nodes have passed on to other nodes.</summary>
    public int PeersShared => sharingChecker.Shared;

    /// <summary>Starts supernodes, then nodes, and returns when every supernode knows every node.</summary>
    /// <param name="simulator">The simulator of this run.</param>
    /// <param name="supernodes">Number of supernodes.</param>
    /// <param name="nodes">Number of nodes.</param>
    /// <param name="configure">Changes the options of the node with this index, from 0; null keeps them.</param>
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
            await network.WaitForNodesAsync(supernode, nodes);
        }
        return network;
    }

    public ScenarioClient AddClient(string name)
    {
        var host = Simulator.AddHost(name, $"10.3.0.{clients.Count + 1}");
        return Join(host);
    }

    /// <summary>A client on the planter's host, which seeds what was planted there.</summary>
    public ScenarioClient AddSeeder() => Join(Planter);

    /// <summary>Creates a torrent of this content on the planter's host and plants it.</summary>
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

    /// <summary>Waits until the clients have the complete file, and compares it byte for byte.</summary>
    public async Task FinishAsync(PlantedTorrent torrent, IEnumerable<ScenarioClient> downloading, TimeSpan timeout)
    {
        ScenarioClient[] all = [.. downloading];
        await Simulator.WaitUntilAsync(
            () => "all have finished" + string.Concat(clients.Select(client => $"\n  {client.Describe()}")),
            () => all.All(client => client.IsComplete),
            timeout
        );
        foreach (var client in all)
        {
            var file = client.Host.Disk.Peek(ScenarioClient.FilePath(torrent.Metainfo)) ?? [];
            ScenarioAssert.That(
                file.AsSpan().SequenceEqual(torrent.Content),
                $"{client.Host.Name} finished with a different file"
            );
        }
    }

    /// <summary>
    /// Looks up an info-hash at a supernode; a 404 gives no orders, any other error fails the scenario.
    /// </summary>
    public async Task<LookupResponse> LookUpAsync(ScenarioSupernode supernode, Hash20 swarm)
    {
        var reply = await GetAsync(new Uri(supernode.Url, $"lookup?h={swarm}"));
        if (reply.Status == 404)
        {
            return new LookupResponse([]);
        }
        ScenarioAssert.That(reply.Status == 200, $"a lookup returned status {reply.Status}");
        return LookupResponse.TryRead(reply.Body, out var found, out var fault)
            ? found
            : throw ScenarioAssert.Failed($"a lookup's response cannot be read: {fault}");
    }

    /// <summary>One GET request from the probe.</summary>
    public async Task<HttpResponse> GetAsync(Uri url)
    {
        var request = new OutboundRequest { Url = url, MaxResponseBytes = 1 << 20 };
        var received = await Probe.RunAsync(async world => await world.Http.SendAsync(request, CancellationToken.None));
        return received.Response;
    }

    /// <summary>Waits until a supernode's directory has this many live nodes.</summary>
    public async Task WaitForNodesAsync(ScenarioSupernode supernode, int count)
    {
        var until = Simulator.Now + RegistrationTimeout;
        var known = -1;
        while (known < count)
        {
            ScenarioAssert.That(Simulator.Now < until, $"{supernode.Host.Name} knows {known} of {count} nodes");
            await Simulator.WaitAsync(TimeSpan.FromSeconds(1));
            var reply = await GetAsync(new Uri(supernode.Url, "records?role=node"));
            known = RecordList.TryRead(reply.Body, out var list, out _) ? list.Records.Count : 0;
        }
    }

    private static string? FirstOf(IEnumerable<string?> violations) =>
        violations.FirstOrDefault(violation => violation is not null);

    private ScenarioClient Join(SimulatedHost host)
    {
        var client = new ScenarioClient(host, Network);
        sharingChecker.Add(host);
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
        var supernode = new ScenarioSupernode(host, options);
        supernodes.Add(supernode);
        await supernode.StartAsync();
    }

    private async Task AddNodeAsync(int index, Func<int, NodeHostOptions, NodeHostOptions>? configure)
    {
        var host = Simulator.AddHost($"node-{index + 1}", $"10.2.0.{index + 1}");
        sharingChecker.Add(host);
        Invariant.Holds(NetworkOptions.TryCreate(Network, allowPrivate: true, out var network, out _));
        var options = new NodeHostOptions
        {
            Listen = [Endpoint.From(host.Addresses[0], NodePort)],
            Network = network,
            Supernodes = [.. supernodes.Select(supernode => supernode.Name)],
        };
        var node = new ScenarioNode(host, configure?.Invoke(index, options) ?? options);
        nodes.Add(node);
        await node.StartAsync();
    }
}

/// <summary>A torrent that was planted in a <see cref="TestNetwork"/>.</summary>
/// <param name="Metainfo">The torrent, with its holders as trackers.</param>
/// <param name="Result">What planting reported.</param>
/// <param name="Content">The bytes of its file.</param>
public sealed record PlantedTorrent(TorrentMetainfo Metainfo, PlantResult Result, byte[] Content);
