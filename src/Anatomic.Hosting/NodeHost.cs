using Anatomic.Federation.Nodes;
using Anatomic.Tracker;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.World;
using TrackerFigures = Anatomic.Federation.Nodes.TrackerFigures;

namespace Anatomic.Hosting;

/// <summary>A running node: the tracker, the node service over it, and the addresses at which both answer.</summary>
public sealed class NodeHost : IAsyncDisposable
{
    private readonly Servings servings;
    private readonly KeptSwarms kept;
    private readonly CancellationTokenSource ending;
    private int disposed;
    private readonly Task tracking;

    private NodeHost(
        NodeService service,
        TrackerService tracker,
        Servings servings,
        KeptSwarms kept,
        CancellationTokenSource ending,
        Task tracking
    )
    {
        Service = service;
        Tracker = tracker;
        this.servings = servings;
        this.kept = kept;
        this.ending = ending;
        this.tracking = tracking;
    }

    public NodeService Service { get; }

    public TrackerService Tracker { get; }

    public NodeId Id => Service.Id;

    /// <summary>The addresses really bound, HTTP and UDP alike.</summary>
    public IReadOnlyList<Endpoint> Listening => servings.Http;

    /// <summary>The same as URLs, for a person to open.</summary>
    public IReadOnlyList<Uri> Urls => [.. servings.Http.Select(Addresses.UrlOf)];

    /// <summary>Ends with disposal; fails when the node cannot go on.</summary>
    public Task Running => Service.Running;

    /// <summary>Returns once it answers. <paramref name="stop"/> ends only the start.</summary>
    /// <exception cref="HostException">An option makes no sense, or an address cannot be listened at.</exception>
    /// <exception cref="NetworkException">A supernode named without its id does not answer.</exception>
    /// <exception cref="DiskException">The store cannot be opened.</exception>
    public static async Task<NodeHost> StartAsync(IWorld world, NodeHostOptions options, CancellationToken stop)
    {
        var gate = new Gate();
        var bound = new Servings();
        var end = new CancellationTokenSource();
        try
        {
            var swarms = new TrackerService(TrackerOptionsOf(options), world.Clock, world.Entropy.Fork("tracker"))
            {
                Rules = options.Rules,
            };
            await bound.AddBothAsync(world, options.Listen, gate, gate, stop);
            var loop = world.Loops.All[0];
            var settings = await NodeOptionsOf(world, options, bound.Http, swarms, stop);
            var service = await NodeService.OpenAsync(
                world,
                loop,
                settings,
                new TrackedSwarms(swarms),
                others: null,
                stop
            );
            var swarmsKept = new KeptSwarms(world.Disk, options.SnapshotPath, swarms, options.Remark);
            try
            {
                await swarmsKept.LoadAsync(stop);
            }
            catch
            {
                await service.DisposeAsync();
                throw;
            }
            gate.Open(new WholeScrapes(swarms, service), swarms.Front, swarms.Datagrams);
            return new NodeHost(
                service,
                swarms,
                bound,
                swarmsKept,
                end,
                loop.RunAsync(() => swarms.RunAsync(end.Token))
            );
        }
        catch
        {
            gate.Close();
            await bound.DisposeAsync();
            end.Dispose();
            throw;
        }
    }

    /// <summary>Takes no more requests, ends sharing, closes the store and keeps the swarms for the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }
        await servings.DisposeAsync();
        await Service.DisposeAsync();
        // Nobody is answered any more: every peer that was, is in it.
        await kept.SaveAsync();
        ending.Cancel();
        // It ends by being stopped, in whichever way.
        await Task.WhenAny(tracking);
        ending.Dispose();
    }

    private static TrackerOptions TrackerOptionsOf(NodeHostOptions options)
    {
        var usual = options.Tracker;
        return usual with
        {
            Open = options.Open,
            AllowPrivate = options.Network.AllowsPrivate,
            Interval = options.AnnounceInterval,
            MinInterval = options.AnnounceInterval < usual.MinInterval ? options.AnnounceInterval : usual.MinInterval,
            TrustedProxies = options.TrustedProxies,
        };
    }

    private static async Task<NodeOptions> NodeOptionsOf(
        IWorld world,
        NodeHostOptions options,
        IReadOnlyList<Endpoint> listening,
        TrackerService tracker,
        CancellationToken stop
    )
    {
        var own = Addresses.Own(options.Network.Name.Text, listening);
        return new NodeOptions
        {
            Network = options.Network,
            PublicUrls = options.PublicUrls.Count == 0 && own is not null ? [own] : options.PublicUrls,
            HttpPort = listening[0].Port,
            UdpPort = listening[0].Port,
            Supernodes = await SupernodeNames.ResolveAsync(world, options.Network, options.Supernodes, stop),
            Key = await HostIdentity.OpenAsync(world, stop),
            Open = options.Open,
            IsDenied = swarm => tracker.Rules.IsDenied(swarm),
            IsAllowed = swarm => tracker.Rules.Take(swarm),
            Tokens = options.Tokens,
            Software = options.Software,
            TrackerMetrics = () => TrackerMetrics.Write(tracker.Figures()),
            TrackerFigures = () => FiguresOf(tracker.Figures()),
        };
    }

    private static TrackerFigures FiguresOf(Tracker.TrackerFigures figures) =>
        new(
            figures.Swarms,
            figures.Seeds + figures.Leeches,
            figures.Requests.Where(request => request.Outcome == RequestOutcome.Announced).Sum(request => request.Count)
        );
}
