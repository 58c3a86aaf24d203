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
/// A node's part in the network: it accepts orders, publishes what it holds, registers with its supernodes and shares
/// peers with the other holders. It runs on one loop. The tracker beside it answers announces independently.
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
        Running = Task.WhenAll(
            RunUntilEndAsync(core.Registration.RunAsync),
            RunUntilEndAsync(new SharingLoop(core, plants).RunAsync),
            RunUntilEndAsync(new RepairLoop(core, plants).RunAsync),
            RunUntilEndAsync(new RecoveryLoop(core, plants).RunAsync),
            RunUntilEndAsync(sweep.RunAsync),
            RunUntilEndAsync(new SamplingLoop(core).RunAsync)
        );
    }

    /// <summary>Completes after the disposal, and fails when the service cannot continue.</summary>
    public Task Running { get; }

    public NodeId Id => core.Id;

    /// <summary>The number of orders held now.</summary>
    public int Plants => core.Ledger.Count;

    /// <summary>The number of supernodes that accepted this node's record.</summary>
    public int Registrations => core.Registration.AcceptedBy;

    /// <summary>The number of other nodes that hold an order with this node.</summary>
    public int Partners => core.Sharing.Partners.Count(partner => partner.IsHolder);

    /// <summary>The signed record; null until the node knows its URL.</summary>
    public Signed<NodeRecord>? Record => core.Registration.Record;

    /// <summary>
    /// Opens the store <see cref="NodeOptions.Store"/>, admits the planted torrents, and starts to register and share.
    /// </summary>
    /// <param name="loop">The loop that owns the node's state.</param>
    /// <param name="swarms">The node's tracker.</param>
    /// <param name="directory">Answers questions about other nodes; null: the node's supernodes do.</param>
    /// <param name="stop">Cancels opening, not the service.</param>
    /// <exception cref="DiskException">The store cannot be opened.</exception>
    public static Task<NodeService> OpenAsync(
        IWorld world,
        ILoop loop,
        NodeOptions options,
        ITrackedSwarms swarms,
        INodeDirectory? directory,
        CancellationToken stop
    ) => loop.RunAsync<NodeService>(() => OpenOnLoopAsync(world, loop, options, swarms, directory, stop));

    /// <summary>Answers every request except announces and scrapes. Any thread may call it.</summary>
    public async ValueTask<HttpResponse> HandleAsync(InboundRequest request, CancellationToken stop) =>
        await loop.RunAsync<HttpResponse>(() => router.HandleAsync(request, stop));

    /// <summary>The node's metrics. Any thread may call it.</summary>
    public Task<IReadOnlyList<Metric>> MetricsAsync() =>
        loop.RunAsync<IReadOnlyList<Metric>>(() => Task.FromResult(NodeMetrics.Of(core)));

    /// <summary>Stops registering and sharing, and closes the store.</summary>
    public async ValueTask DisposeAsync() =>
        await loop.RunAsync(async () =>
        {
            ending.Cancel();
            // Whoever awaits Running handles its failure.
            await Task.WhenAny(Running);
            await core.Store.DisposeAsync();
            ending.Dispose();
        });

    private static async Task<NodeService> OpenOnLoopAsync(
        IWorld world,
        ILoop loop,
        NodeOptions options,
        ITrackedSwarms swarms,
        INodeDirectory? directory,
        CancellationToken stop
    )
    {
        var network = options.Network;
        var signer = new ItemSigner(world.Signatures.Open(options.Key.Span), network.Name);
        var reader = new ItemReader(world.Signatures, network.Name);
        var http = new PublicHttpClient(world, network);
        var store = await PlantStore.OpenAsync(world, options.Store, network.Name, stop);
        var supernodes = new ProvenSupernodeClient(world, http, reader);
        var events = new NodeEvents(world.EventLog);
        events.StoreOpened(store.Ledger.Count, store.Lost.Count);
        var registration = new Registration(world, options, signer, reader, http, supernodes, store, events);
        await registration.StartAsync(stop);
        var sharing = new PeerSharingState(signer.Id, network, swarms, store.Ledger);
        var parts = new NodeCore
        {
            World = world,
            Options = options,
            Swarms = swarms,
            NodeDirectory = directory ?? new SupernodeNodeDirectory(world, supernodes, reader, options.Supernodes),
            Http = http,
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
        parts.Counters.StartedAt = parts.Now;
        return new NodeService(loop, parts);
    }

    private async Task RunUntilEndAsync(Func<CancellationToken, Task> run)
    {
        try
        {
            await run(ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested) { }
        catch
        {
            // A node without one of its loops would look alive, so all of them end.
            ending.Cancel();
            throw;
        }
    }
}
