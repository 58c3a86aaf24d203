using Anatomic.Federation;
using Anatomic.Federation.Nodes;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Simulation.Tests.Federation;

/// <summary>Nodes on one host each, a planter's key, and a directory that lists the running nodes.</summary>
internal sealed class TestNodes(Simulator simulator) : INodeDirectory
{
    private static readonly CancellationToken Never = CancellationToken.None;

    public const int Port = 7070;

    public static readonly NetworkOptions Network = new() { Name = NetworkName.LocalDefault };

    public List<TestNode> All { get; } = [];

    public async Task<TestNode> AddAsync()
    {
        var address = $"10.0.{All.Count}.1";
        var node = new TestNode(simulator.AddHost($"node{All.Count}", address), address);
        All.Add(node);
        await StartAsync(node);
        return node;
    }

    public Task StartAsync(TestNode node) =>
        node.Host.RunAsync(async world =>
        {
            node.Swarms = new FakeTrackedSwarms(world.Clock.GetUtcNow);
            node.Key ??= world.Signatures.CreateKey();
            var options = new NodeOptions
            {
                Network = Network,
                PublicUrls = [new Uri($"http://{node.Address}:{Port}/")],
                HttpPort = Port,
                Key = node.Key,
            };
            node.Service = await NodeService.OpenAsync(world, world.Loops.All[0], options, node.Swarms, this, Never);
            var server = new HttpServerOptions { At = Endpoint.FromV4(0, Port), Handler = node.Service };
            await world.Network.ServeHttpAsync(server, Never);
            node.IsUp = true;
        });

    public static void Crash(TestNode node)
    {
        node.IsUp = false;
        node.Host.Crash();
    }

    /// <summary>An order with valid work, whose candidates are all nodes in their order.</summary>
    public Signed<PlantOrder> Order(IWorld world, Hash20 swarm, int want, DateTimeOffset at) =>
        Order(world, swarm, want, at, [.. All.Select(node => node.Service.Id)]);

    /// <summary>An order with valid work, for these candidates.</summary>
    public static Signed<PlantOrder> Order(
        IWorld world,
        Hash20 swarm,
        int want,
        DateTimeOffset at,
        IReadOnlyList<NodeId> candidates
    )
    {
        var signer = new ItemSigner(world.Signatures.Open(Planter), Network.Name);
        var order = new PlantOrder
        {
            Swarms = [swarm],
            Candidates = candidates,
            Want = want,
            At = at.ToUnixTimeMilliseconds(),
        };
        var draft = signer.Sign(order);
        var prefix = Work.Prefix(Network.Name, signer.PublicKey.Span, draft.Envelope.Value);
        var nonce = Work.Search(prefix, Network.WorkFloor, 0, 1_000_000);
        return signer.Sign(order with { Nonce = nonce!.Value });
    }

    public static byte[] Planter { get; } = [.. new byte[31], 9];

    public static async Task<HttpResponse> PostAsync(IWorld world, TestNode node, string path, byte[] body)
    {
        var ask = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri($"http://{node.Address}:{Port}/{path}"),
            Body = body,
        };
        return (await world.Http.SendAsync(ask, Never)).Response;
    }

    public Task<IReadOnlyList<Signed<NodeRecord>>> FindAsync(
        Hash20 swarm,
        IReadOnlyList<NodeId> candidates,
        CancellationToken stop
    ) =>
        Task.FromResult<IReadOnlyList<Signed<NodeRecord>>>([
            .. All.Where(node => node.IsUp && candidates.Contains(node.Service.Id))
                .Select(node => node.Service.Record!),
        ]);

    public Task<LivenessReport> CheckLivenessAsync(NodeId node, Hash20 swarm, CancellationToken stop) =>
        Task.FromResult(new LivenessReport(2, All.Any(one => one.IsUp && one.Service.Id == node) ? 0 : 2));
}

internal sealed class TestNode(SimulatedHost host, string address)
{
    public SimulatedHost Host { get; } = host;
    public string Address { get; } = address;
    public byte[]? Key { get; set; }
    public bool IsUp { get; set; }
    public NodeService Service { get; set; } = null!;
    public FakeTrackedSwarms Swarms { get; set; } = null!;
}
