using Anatomic.Federation.Monitoring;
using Anatomic.Federation.Nodes;
using Anatomic.Tracker;
using Anatomic.Tracker.Policy;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Proxies;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>A running node: the tracker, the node service over it, and the addresses at which both answer.</summary>
public sealed class NodeHost : IAsyncDisposable
{
    private readonly HostShutdown closing;
    private readonly BoundServers servers;
    private readonly SwarmSnapshots kept;
    private readonly CancellationTokenSource ending;
    private int disposed;
    private readonly Task tracking;

    private NodeHost(
        HostShutdown closing,
        NodeService service,
        TrackerService tracker,
        BoundServers servers,
        SwarmSnapshots kept,
        CancellationTokenSource ending,
        Task tracking
    )
    {
        this.closing = closing;
        Service = service;
        Tracker = tracker;
        this.servers = servers;
        this.kept = kept;
        this.ending = ending;
        this.tracking = tracking;
    }

    public NodeService Service { get; }

    public TrackerService Tracker { get; }

    public NodeId Id => Service.Id;

    /// <summary>The addresses really bound, HTTP and UDP alike.</summary>
    public IReadOnlyList<Endpoint> Listening => servers.Http;

    /// <summary>The same as URLs, for a person to open.</summary>
    public IReadOnlyList<Uri> Urls => [.. servers.Http.Select(HostUrls.FromEndpoint)];

    /// <summary>Its figures for monitoring; from any thread.</summary>
    public Task<IReadOnlyList<Metric>> MetricsAsync() => Service.MetricsAsync();

    /// <summary>Ends with disposal; fails when the node cannot go on.</summary>
    public Task Running => Service.Running;

    /// <summary>Returns once it answers. <paramref name="stop"/> ends only the start.</summary>
    /// <exception cref="HostException">An option makes no sense, or an address cannot be listened at.</exception>
    /// <exception cref="NetworkException">A supernode named without its id does not answer.</exception>
    /// <exception cref="DiskException">The store cannot be opened.</exception>
    public static async Task<NodeHost> StartAsync(IWorld world, NodeHostOptions options, CancellationToken stop)
    {
        var gate = new StartupGate(new ForwardedFor(options.TrustedProxies));
        var events = new HostEvents(world.EventLog, HostRole.Node);
        var bound = new BoundServers();
        var end = new CancellationTokenSource();
        try
        {
            var swarms = new TrackerService(TrackerOptionsOf(options), world.Clock, world.Entropy.Fork("tracker"))
            {
                Rules = options.Rules,
            };
            await bound.AddBothAsync(world, options.Listen, gate, gate, stop);
            await bound.AddUnixAsync(world, options.UnixPaths, gate, stop);
            var loop = world.Loops.All[0];
            var settings = await NodeOptionsOf(world, options, bound, swarms, stop);
            var service = await NodeService.OpenAsync(
                world,
                loop,
                settings,
                new TrackedSwarms(swarms),
                others: null,
                stop
            );
            var memory = new SwarmSnapshots(world.Disk, options.SnapshotPath, swarms, events, options.Remark);
            try
            {
                await memory.LoadAsync(stop);
            }
            catch
            {
                await service.DisposeAsync();
                throw;
            }
            world.TrimMemory();
            gate.Open(new FullScrapeHandler(swarms, service), swarms.HttpFront, swarms.UdpHandler);
            events.Started(service.Id, options.Network.Name);
            events.Listening(bound);
            return new NodeHost(
                new HostShutdown(world.Clock, gate, events, options.Drain),
                service,
                swarms,
                bound,
                memory,
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

    /// <summary>
    /// Says that it is not ready any more, takes no more requests, ends sharing, closes the store and keeps the swarms for the next
    /// start.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }
        await closing.BeginAsync();
        await servers.DisposeAsync();
        await Service.DisposeAsync();
        // Nobody is answered any more: every peer that was, is in it.
        await kept.SaveAsync();
        ending.Cancel();
        // It ends by being stopped, in whichever way.
        await Task.WhenAny(tracking);
        ending.Dispose();
        closing.Done();
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
            // One announce may be lost, and partners are told twice within an interval: as the tracker's own 30, 45 and 15 minutes.
            PeerTimeout = options.AnnounceInterval * 1.5,
            RenewAfter = options.AnnounceInterval / 2,
            TrustedProxies = options.TrustedProxies,
        };
    }

    private static async Task<NodeOptions> NodeOptionsOf(
        IWorld world,
        NodeHostOptions options,
        BoundServers bound,
        TrackerService tracker,
        CancellationToken stop
    )
    {
        var listening = bound.Http;
        var own = HostUrls.FindOwn(options.Network.Name, listening);
        return new NodeOptions
        {
            Network = options.Network,
            PublicUrls = options.PublicUrls.Count == 0 && own is not null ? [own] : options.PublicUrls,
            HttpPort = listening[0].Port,
            UdpPort = listening[0].Port,
            Supernodes = await SupernodeResolver.ResolveAsync(world, options.Network, options.Supernodes, stop),
            Key = await HostIdentity.OpenAsync(world, stop),
            Open = options.Open,
            IsDenied = swarm => tracker.Rules.IsDenied(swarm),
            IsAllowed = swarm => tracker.Rules.Allows(swarm),
            Tokens = options.Tokens,
            Software = options.Software,
            Tracker = () => TrackerMetrics.ReadingOf(tracker.ReadStatistics()),
            MoreMetrics = () =>
                [.. TrackerMetrics.Of(tracker.ReadStatistics()), .. HostMetrics.Of(bound, options.ProcessMetrics)],
        };
    }
}
