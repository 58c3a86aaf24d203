using Anatomic.Federation.Monitoring;
using Anatomic.Federation.Supernodes;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.Wire.Proxies;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>A running supernode: the service and its servers.</summary>
public sealed class SupernodeHost : IAsyncDisposable
{
    private readonly HostShutdown shutdown;
    private readonly SupernodeService service;
    private readonly BoundServers servers;
    private readonly CancellationTokenSource stopping;
    private int disposed;

    private SupernodeHost(
        HostShutdown shutdown,
        SupernodeService service,
        BoundServers servers,
        CancellationTokenSource stopping,
        Task running
    )
    {
        this.shutdown = shutdown;
        this.service = service;
        this.servers = servers;
        this.stopping = stopping;
        Running = running;
    }

    public NodeId Id => service.Id;

    /// <summary>The bound addresses, with their real ports.</summary>
    public IReadOnlyList<Endpoint> Listening => servers.Http;

    /// <summary>The bound addresses as URLs, for a browser.</summary>
    public IReadOnlyList<Uri> Urls => [.. servers.Http.Select(HostUrls.FromEndpoint)];

    /// <summary>The supernode's metrics. Thread-safe.</summary>
    public Task<IReadOnlyList<Metric>> MetricsAsync() => service.MetricsAsync();

    /// <summary>Completes after disposal; fails when the service cannot continue.</summary>
    public Task Running { get; }

    /// <summary>Starts a supernode; returns once it answers requests.</summary>
    /// <param name="stop">Cancels the start; a running supernode is stopped by disposal.</param>
    /// <exception cref="HostException">An address cannot be bound.</exception>
    /// <exception cref="DiskException">The store cannot be opened.</exception>
    public static async Task<SupernodeHost> StartAsync(
        IWorld world,
        SupernodeHostOptions options,
        CancellationToken stop
    )
    {
        var gate = new StartupGate(new ForwardedFor(options.TrustedProxies));
        var events = new HostEvents(world.EventLog, HostRole.Supernode);
        var bound = new BoundServers();
        try
        {
            await bound.AddHttpAsync(world, options.Listen, gate, stop);
            await bound.AddUnixAsync(world, options.UnixPaths, gate, stop);
            var settings = options.Supernode with
            {
                PublicUrl = options.Supernode.PublicUrl ?? FindOwnUrl(options.Supernode.Network, bound.Http),
                MoreMetrics = () => HostMetrics.Of(bound, options.ProcessMetrics),
            };
            var opened = await SupernodeService.OpenAsync(world, settings, stop);
            world.TrimMemory();
            gate.Open(opened, requestFront: null);
            events.Started(opened.Id, opened.Network);
            events.Listening(bound);
            var end = new CancellationTokenSource();
            var running = world.Loops.All[0].RunAsync(() => opened.RunAsync(end.Token));
            return new SupernodeHost(
                new HostShutdown(world.Clock, gate, events, options.Drain),
                opened,
                bound,
                end,
                running
            );
        }
        catch
        {
            gate.Close();
            await bound.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Stops the supernode: reports "not ready" for the drain time, stops the servers, ends the polls and closes the
    /// store.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }
        await shutdown.BeginAsync();
        await servers.DisposeAsync();
        stopping.Cancel();
        // A failure is reported through Running.
        await Task.WhenAny(Running);
        await service.DisposeAsync();
        stopping.Dispose();
        shutdown.Complete();
    }

    private static Uri? FindOwnUrl(string network, IReadOnlyList<Endpoint> listening) =>
        NetworkName.TryParse(network, out var name, out _) ? HostUrls.FindOwn(name, listening) : null;
}
