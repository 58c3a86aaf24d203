using Anatomic.Federation.Lookup;
using Anatomic.Federation.Monitoring;
using Anatomic.Federation.Orders;
using Anatomic.Federation.Outbound;
using Anatomic.Federation.Sharing;
using Anatomic.Federation.Signing;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// A node's side of the network: it takes orders, shows what it holds, registers at its supernodes and shares peers with the
/// other holders. Runs on one loop; the tracker beside it answers announces on its own.
/// </summary>
public sealed class NodeService : IRequestHandler, IAsyncDisposable
{
    private readonly ILoop loop;
    private readonly NodeCore core;
    private readonly NodeHttpRouter router;
    private readonly CancellationTokenSource ending = new();

    private NodeService(ILoop loop, NodeCore core)
    {
        this.loop = loop;
        this.core = core;
        var plants = new PlantHandler(core);
        var sweep = new SweepLoop(core, plants);
        var batches = new BatchValidator(
            core.Id,
            core.Options.Network,
            core.Reader,
            core.Ledger,
            core.Sharing,
            core.Swarms
        )
        {
            PeersSeen = sweep.PeersSeen,
        };
        router = new NodeHttpRouter(core, plants, batches);
        plants.Resume();
        var sharing = new SharingLoop(core, plants);
        var repair = new RepairLoop(core, plants);
        var recovery = new RecoveryLoop(core, plants);
        Running = Task.WhenAll(
            UntilEndAsync(core.Registration.RunAsync),
            UntilEndAsync(sharing.RunAsync),
            UntilEndAsync(repair.RunAsync),
            UntilEndAsync(recovery.RunAsync),
            UntilEndAsync(sweep.RunAsync),
            UntilEndAsync(new SamplingLoop(core).RunAsync)
        );
    }

    /// <summary>Ends with the disposal; fails when the service cannot go on.</summary>
    public Task Running { get; }

    public NodeId Id => core.Id;

    /// <summary>Orders held now.</summary>
    public int Plants => core.Ledger.Count;

    /// <summary>Supernodes that took this node's record.</summary>
    public int Registrations => core.Registration.AcceptedBy;

    /// <summary>Fellow holders of at least one order.</summary>
    public int Partners => core.Sharing.Partners.Count(partner => partner.IsHolder);

    /// <summary>The signed record; null until the node knows how it is reached.</summary>
    public Signed<NodeRecord>? Record => core.Registration.Record;

    /// <summary>
    /// Opens the store <see cref="NodeOptions.Store"/>, admits what is planted, and starts registering and sharing.
    /// </summary>
    /// <param name="world">The world.</param>
    /// <param name="loop">The loop that owns the node's state.</param>
    /// <param name="options">What it is started with.</param>
    /// <param name="swarms">Its tracker.</param>
    /// <param name="others">Whom it asks about other nodes; null: its supernodes.</param>
    /// <param name="stop">Ends the opening, not the service.</param>
    /// <exception cref="DiskException">The store cannot be opened.</exception>
    public static Task<NodeService> OpenAsync(
        IWorld world,
        ILoop loop,
        NodeOptions options,
        ITrackedSwarms swarms,
        INodeDirectory? others,
        CancellationToken stop
    ) => loop.RunAsync<NodeService>(() => OpenOnLoopAsync(world, loop, options, swarms, others, stop));

    /// <summary>Answers everything but announces and scrapes; from any thread.</summary>
    public async ValueTask<HttpResponse> HandleAsync(InboundRequest request, CancellationToken stop) =>
        await loop.RunAsync<HttpResponse>(() => router.HandleAsync(request, stop));

    /// <summary>Its figures for monitoring; from any thread.</summary>
    public Task<IReadOnlyList<Metric>> MetricsAsync() =>
        loop.RunAsync<IReadOnlyList<Metric>>(() => Task.FromResult(NodeMetrics.Of(core)));

    /// <summary>Stops registering and sharing, and closes the store.</summary>
    public async ValueTask DisposeAsync() =>
        await loop.RunAsync(async () =>
        {
            ending.Cancel();
            // A failure, if there was one, is for whoever watches Running.
            await Task.WhenAny(Running);
            await core.Store.DisposeAsync();
            ending.Dispose();
        });

    private static async Task<NodeService> OpenOnLoopAsync(
        IWorld world,
        ILoop loop,
        NodeOptions options,
        ITrackedSwarms swarms,
        INodeDirectory? others,
        CancellationToken stop
    )
    {
        var network = options.Network;
        var signer = new ItemSigner(world.Signatures.Open(options.Key.Span), network.Name);
        var reader = new ItemReader(world.Signatures, network.Name);
        var exchange = new PublicHttpClient(world, network);
        var store = await PlantStore.OpenAsync(world, options.Store, network.Name, stop);
        var supernodes = new ProvenSupernodeClient(world, exchange, reader);
        var events = new NodeEvents(world.EventLog);
        events.StoreOpened(store.Ledger.Count, store.Lost.Count);
        var registration = new Registration(world, options, signer, reader, exchange, supernodes, store, events);
        await registration.StartAsync(stop);
        var sharing = new PeerSharingState(signer.Id, network, swarms, store.Ledger);
        var opened = new NodeCore
        {
            World = world,
            Options = options,
            Swarms = swarms,
            NodeDirectory = others ?? new SupernodeNodeDirectory(world, supernodes, reader, options.Supernodes),
            Http = exchange,
            Supernodes = supernodes,
            Signer = signer,
            Reader = reader,
            Store = store,
            Registration = registration,
            Sharing = sharing,
            Holders = new HolderMonitor(sharing),
            Events = events,
            Boot = (long)(world.Entropy.Fork("boot").NextUInt64() >> 1),
        };
        opened.Counters.StartedAt = opened.Now;
        return new NodeService(loop, opened);
    }

    private async Task UntilEndAsync(Func<CancellationToken, Task> flow)
    {
        try
        {
            await flow(ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested) { }
        catch
        {
            // Half a node would look alive: all of it ends.
            ending.Cancel();
            throw;
        }
    }
}
