using System.Text;
using Anatomic.Federation;
using Anatomic.Federation.Nodes;
using Anatomic.Federation.Planting;
using Anatomic.Federation.Supernodes;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Planting;

/// <summary>
/// Supernodes and nodes on one host each, without real trackers: enough to plant and look up torrents.
/// </summary>
internal sealed class FederationTestNetwork(Simulator simulator)
{
    public const string Name = "local-test";
    private const int Port = 7000;

    private readonly List<(SimulatedHost Host, SupernodeService Service)> supernodes = [];
    private readonly List<(SimulatedHost Host, NodeService Service)> nodes = [];
    private int hosts;

    public IReadOnlyList<SupernodeAddress> Addresses =>
        [.. supernodes.Select(one => new SupernodeAddress(UrlOf(one.Host), one.Service.Id))];

    /// <summary>Probation of new nodes at the supernodes; null for none.</summary>
    public TimeSpan? Probation { get; init; }

    public IReadOnlyList<(SimulatedHost Host, NodeService Service)> Nodes => nodes;

    public IReadOnlyList<(SimulatedHost Host, SupernodeService Service)> Supernodes => supernodes;

    public static Uri UrlOf(SimulatedHost host) => new($"http://{host.Address}:{Port}/");

    public async Task<SupernodeAddress> AddSupernodeAsync(params string[] peers)
    {
        var host = NewHost("supernode");
        var service = await host.RunAsync(async world =>
        {
            var options = new SupernodeOptions
            {
                Network = Name,
                PublicUrl = UrlOf(host),
                Peers = peers,
                Probation = Probation,
            };
            var opened = await SupernodeService.OpenAsync(world, options, CancellationToken.None);
            await ServeAsync(world, opened);
            _ = opened.RunAsync(CancellationToken.None);
            return opened;
        });
        supernodes.Add((host, service));
        return new SupernodeAddress(UrlOf(host), service.Id);
    }

    public Task AddNodeAsync(params string[] tokens) => AddNodeAsync(options => options with { Tokens = tokens });

    /// <param name="configure">Changes the default options.</param>
    /// <param name="swarms">The node's tracker; null for one without peers.</param>
    public async Task AddNodeAsync(Func<NodeOptions, NodeOptions> configure, ITrackedSwarms? swarms = null)
    {
        var host = NewHost("node");
        var key = host.World.Signatures.CreateKey();
        nodes.Add((host, await StartAsync(host, key, configure, swarms)));
    }

    /// <summary>Starts a node on a host, whose store may hold data of an earlier start.</summary>
    public async Task<NodeService> StartAsync(
        SimulatedHost host,
        byte[] key,
        Func<NodeOptions, NodeOptions> configure,
        ITrackedSwarms? swarms = null
    )
    {
        var known = Addresses;
        return await host.RunAsync(async world =>
        {
            Invariant.Holds(NetworkOptions.TryCreate(Name, allowPrivate: true, out var network, out _));
            var options = new NodeOptions
            {
                Network = network,
                HttpPort = Port,
                UdpPort = Port,
                PublicUrls = [UrlOf(host)],
                Supernodes = known,
                Key = key,
            };
            var opened = await NodeService.OpenAsync(
                world,
                world.Loops.All[0],
                configure(options),
                swarms ?? new EmptyTrackedSwarms(),
                null,
                CancellationToken.None
            );
            await ServeAsync(world, opened);
            return opened;
        });
    }

    public SimulatedHost AddPlanter() => NewHost("planter");

    public static PlantOptions Plant(params SupernodeAddress[] supernodes) =>
        new() { Network = Name, Supernodes = [.. supernodes.Select(one => one.ToString())] };

    /// <summary>Waits until every node is registered with every supernode.</summary>
    public Task ReadyAsync() =>
        simulator.WaitUntilAsync(
            "all nodes registered",
            () => nodes.All(node => node.Service.Registrations == supernodes.Count),
            TimeSpan.FromMinutes(2)
        );

    public static TorrentMetainfo Torrent(string name, bool isPrivate = false)
    {
        var bytes = new MetainfoDraft
        {
            Format = TorrentFormat.V1,
            Name = name,
            IsSingleFile = true,
            PieceLength = 16 * 1024,
            Files = [new DraftFile { Path = [name], Length = 20 }],
            PieceHashesV1 = new byte[Hash20.Length],
            IsPrivate = isPrivate,
            AnnounceTiers =
            [
                ["http://own.example/announce"],
            ],
        }.Write();
        TorrentMetainfo.TryRead(bytes, out var torrent, out var fault).ShouldBeTrue(fault?.ToString());
        return torrent!;
    }

    public static async Task<HttpResponse> GetAsync(SimulatedHost from, Uri url) =>
        await from.RunAsync(async world =>
            (await world.Http.SendAsync(new OutboundRequest { Url = url }, CancellationToken.None)).Response
        );

    public static async Task<IReadOnlyList<HeldOrder>> LookupAsync(
        SimulatedHost from,
        SupernodeAddress supernode,
        Hash20 hash
    )
    {
        var reply = await GetAsync(from, new Uri(supernode.Url, $"lookup?h={hash}"));
        reply.Status.ShouldBe(200, Encoding.UTF8.GetString(reply.Body.Span));
        LookupResponse.TryRead(reply.Body, out var read, out var fault).ShouldBeTrue(fault?.ToString());
        return read!.Orders;
    }

    /// <summary>An info-hash, percent-encoded as by a client.</summary>
    public static string Escaped(Hash20 hash) => string.Concat(hash.ToArray().Select(one => $"%{one:X2}"));

    private SimulatedHost NewHost(string kind) => simulator.AddHost($"{kind}{++hosts}", $"10.0.{hosts}.1");

    private static ValueTask<IRunningServer> ServeAsync(IWorld world, IRequestHandler handler) =>
        world.Network.ServeHttpAsync(
            new HttpServerOptions { At = Endpoint.FromV4(0, Port), Handler = handler },
            CancellationToken.None
        );

    private sealed class EmptyTrackedSwarms : ITrackedSwarms
    {
        public void Admit(Hash20 swarm) { }

        public void Withdraw(Hash20 swarm) { }

        public int DrainChanges(Span<SwarmChange> into) => 0;

        public int Snapshot(Hash20 swarm, Span<SwarmPeer> into) => 0;

        public SwarmTotals Totals(Hash20 swarm) => default;

        public DateTimeOffset LastAnnounce(Hash20 swarm) => DateTimeOffset.MinValue;

        public void AddShared(
            Hash20 swarm,
            Hash32 partner,
            ReadOnlySpan<SwarmPeer> peers,
            ReadOnlySpan<Endpoint> gone,
            SwarmTotals totals
        ) { }

        public void ForgetShared(Hash20 swarm, Hash32 partner) { }
    }
}
