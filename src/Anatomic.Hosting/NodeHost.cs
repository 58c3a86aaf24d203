using Anatomic.Federation.Monitoring;
using Anatomic.Federation.Nodes;
using Anatomic.Tracker;
using Anatomic.Tracker.Policy;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Proxies;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>A running node: the tracker, the node service over it, and the servers for both.</summary>
public sealed class NodeHost : IAsyncDisposable
{
    private readonly HostShutdown shutdown;
    private readonly BoundServers servers;
    private readonly SwarmSnapshots snapshots;
    private readonly CancellationTokenSource stopping;
    private int disposed;
    private readonly Task tracking;

    private NodeHost(
        HostShutdown shutdown,
        NodeService service,
        TrackerService tracker,
        BoundServers servers,
        SwarmSnapshots snapshots,
        CancellationTokenSource stopping,
        Task tracking
    )
    {
        this.shutdown = shutdown;
        Service = service;
        Tracker = tracker;
        this.servers = servers;
        this.snapshots = snapshots;
        this.stopping = stopping;
        this.tracking = tracking;
    }

    public NodeService Service { get; }

    public TrackerService Tracker { get; }

    public NodeId Id => Service.Id;

    /// <summary>The bound addresses, with their real ports; each serves HTTP and UDP.</summary>
    public IReadOnlyList<Endpoint> Listening => servers.Http;

    /// <summary>The bound addresses as URLs, for a browser.</summary>
    public IReadOnlyList<Uri> Urls => [.. servers.Http.Select(HostUrls.FromEndpoint)];

    /// <summary>The node's metrics. Thread-safe.</summary>
    public Task<IReadOnlyList<Metric>> MetricsAsync() => Service.MetricsAsync();

    /// <summary>Completes after disposal; fails when the node cannot continue.</summary>
    public Task Running => Service.Running;

    /// <summary>Starts a node; returns once it answers requests.</summary>
    /// <param name="stop">Cancels the start; a running node is stopped by disposal.</param>
    /// <exception cref="HostException">An option is invalid, or an address cannot be bound.</exception>
    /// <exception cref="NetworkException">A supernode that was named without its id does not answer.</exception>
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
                directory: null,
                stop
            );
            var saved = new SwarmSnapshots(world.Disk, options.SnapshotPath, swarms, events, options.Remark);
            try
            {
                await saved.LoadAsync(stop);
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
                saved,
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
    /// Stops the node: reports "not ready" for the drain time, stops the servers, ends peer sharing, closes the store,
    /// and saves the swarms for the next start.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }
        await shutdown.BeginAsync();
        await servers.DisposeAsync();
        await Service.DisposeAsync();
        // Only now, so that the snapshot includes every peer that got a response.
        await snapshots.SaveAsync();
        stopping.Cancel();
        // Cancelled or completed, both are a regular end.
        await Task.WhenAny(tracking);
        stopping.Dispose();
        shutdown.Complete();
    }

    private static TrackerOptions TrackerOptionsOf(NodeHostOptions options)
    {
        var tracker = options.Tracker;
        return tracker with
        {
            Open = options.Open,
            AllowPrivate = options.Network.AllowsPrivate,
            Interval = options.AnnounceInterval,
            MinInterval =
                options.AnnounceInterval < tracker.MinInterval ? options.AnnounceInterval : tracker.MinInterval,
            // The ratios of the defaults (30, 45 and 15 min): one announce may get lost, and partners get two updates
            // per interval.
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
