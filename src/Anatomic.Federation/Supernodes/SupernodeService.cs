using Anatomic.Federation.Lookup;
using Anatomic.Federation.Monitoring;
using Anatomic.Federation.Outbound;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// A supernode: the directory of nodes and supernodes, and the index from info-hash to nodes. It is not the authority
/// for either: everything in them was signed by nodes and confirmed by its own polls. It runs on one loop.
/// </summary>
public sealed class SupernodeService : IRequestHandler, IAsyncDisposable
{
    private readonly SupernodeCore core;
    private readonly ILoop loop;
    private readonly SupernodePages pages;
    private readonly SupernodeHttpRouter router;
    private readonly SupernodeMaintenance maintenance;

    private SupernodeService(SupernodeCore core, ILoop loop)
    {
        this.core = core;
        this.loop = loop;
        var prober = new MemberProber(core.World, core.Http, core.Reader, core.Entropy);
        var records = new RecordHandler(core, prober);
        var exchanges = new ExchangeHandler(core, records);
        pages = new SupernodePages(core, records);
        router = new SupernodeHttpRouter(
            core,
            records,
            exchanges,
            new LookupHandler(core, new LookupForwarder(core)),
            pages
        );
        maintenance = new SupernodeMaintenance(core, prober, new ManifestFollower(core, prober), exchanges);
    }

    /// <summary>SHA-256 of its public key.</summary>
    public NodeId Id => core.Id;

    public NetworkName Network => core.Network.Name;

    /// <summary>Opens its store, creates its key on the first start, and restores what it knew.</summary>
    /// <exception cref="ArgumentException">The network's name is invalid.</exception>
    /// <exception cref="DiskException">The store cannot be opened.</exception>
    public static Task<SupernodeService> OpenAsync(IWorld world, SupernodeOptions options, CancellationToken stop)
    {
        if (!NetworkName.TryParse(options.Network, out var name, out var fault))
        {
            throw new ArgumentException(fault.ToString(), nameof(options));
        }
        var home = world.Loops.All[0];
        return home.RunAsync<SupernodeService>(() =>
            OpenOnLoopAsync(world, home, options, new NetworkOptions { Name = name }, stop)
        );
    }

    /// <summary>
    /// Polls nodes and exchanges records until <paramref name="stop"/> is cancelled; then it returns without an
    /// exception.
    /// </summary>
    public Task RunAsync(CancellationToken stop) => loop.RunAsync(() => maintenance.RunAsync(stop));

    /// <summary>Answers one request. Any thread may call it.</summary>
    public async ValueTask<HttpResponse> HandleAsync(InboundRequest request, CancellationToken stop) =>
        await loop.RunAsync<HttpResponse>(() => router.HandleAsync(request, stop));

    /// <summary>The supernode's metrics. Any thread may call it.</summary>
    public Task<IReadOnlyList<Metric>> MetricsAsync() =>
        loop.RunAsync<IReadOnlyList<Metric>>(() => Task.FromResult(pages.Metrics()));

    public ValueTask DisposeAsync() => core.Store.DisposeAsync();

    private static async Task<SupernodeService> OpenOnLoopAsync(
        IWorld world,
        ILoop home,
        SupernodeOptions options,
        NetworkOptions network,
        CancellationToken stop
    )
    {
        var store = await SupernodeStore.OpenAsync(world, options.Store, stop);
        var key = await SupernodeStore.KeyAsync(world, options.Store, stop);
        var signer = new ItemSigner(world.Signatures.Open(key), network.Name);
        var entropy = world.Entropy.Fork($"supernode {signer.Id.Short}");
        var reader = new ItemReader(world.Signatures, network.Name);
        var members = await store.MembersAsync(reader, stop);
        var now = world.Clock.GetUtcNow();
        var rules = new DirectoryRules(
            network.AllowsPrivate,
            options.Probation ?? network.Probation,
            now,
            HasNoState: members.Count == 0
        );
        var http = new PublicHttpClient(world, network);
        var parts = new SupernodeCore
        {
            World = world,
            Options = options,
            Network = network,
            Store = store,
            Signer = signer,
            Reader = reader,
            Http = http,
            Entropy = entropy,
            Challenge = new IdChallenge(world, http, reader),
            Directory = new MemberDirectory(rules),
            Index = new SupernodeIndex(entropy.NextUInt64()),
            Events = new SupernodeEvents(world.EventLog),
        };
        foreach (var member in members)
        {
            parts.Directory.Restore(member.Record, member.FirstSeen, member.SeenAlive, now);
        }
        parts.Counters.StartedAt = now;
        await RestoreIndexAsync(parts, stop);
        parts.Events.StoreOpened(members.Count, parts.Index.Count);
        return new SupernodeService(parts, home);
    }

    private static async Task RestoreIndexAsync(SupernodeCore parts, CancellationToken stop)
    {
        foreach (var (node, cursor) in await parts.Store.CursorsAsync(stop))
        {
            parts.Cursors[node] = cursor;
        }
        var orders = new Dictionary<Hash32, StoredOrder>();
        await foreach (var stored in parts.Store.OrdersAsync(parts.Network.Name, stop))
        {
            orders[stored.Order.Digest] = stored;
        }
        await foreach (var (node, digest) in parts.Store.HeldAsync(stop))
        {
            if (orders.TryGetValue(digest, out var stored))
            {
                foreach (var swarm in stored.Order.Item.Swarms)
                {
                    parts.Index.Add(node, digest, swarm, stored.FirstSeen, FederationLimits.MaxIndexEntries);
                }
            }
        }
    }
}
