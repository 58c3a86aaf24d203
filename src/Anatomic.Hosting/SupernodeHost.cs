using Anatomic.Federation.Monitoring;
using Anatomic.Federation.Supernodes;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.Wire.Proxies;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>A running supernode: the service, and the addresses at which it answers.</summary>
public sealed class SupernodeHost : IAsyncDisposable
{
    private readonly HostShutdown closing;
    private readonly SupernodeService service;
    private readonly BoundServers servers;
    private readonly CancellationTokenSource ending;
    private int disposed;

    private SupernodeHost(
        HostShutdown closing,
        SupernodeService service,
        BoundServers servers,
        CancellationTokenSource ending,
        Task running
    )
    {
        this.closing = closing;
        this.service = service;
        this.servers = servers;
        this.ending = ending;
        Running = running;
    }

    public NodeId Id => service.Id;

    /// <summary>The addresses really bound, ports included.</summary>
    public IReadOnlyList<Endpoint> Listening => servers.Http;

    /// <summary>The same as URLs, for a person to open.</summary>
    public IReadOnlyList<Uri> Urls => [.. servers.Http.Select(HostUrls.FromEndpoint)];

    /// <summary>Its figures for monitoring; from any thread.</summary>
    public Task<IReadOnlyList<Metric>> MetricsAsync() => service.MetricsAsync();

    /// <summary>Ends after disposal; fails when the service cannot go on.</summary>
    public Task Running { get; }

    /// <summary>Returns once it answers. <paramref name="stop"/> ends only the start.</summary>
    /// <exception cref="HostException">An address cannot be listened at.</exception>
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
            gate.Open(opened, fast: null);
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

    /// <summary>Says that it is not ready any more, takes no more requests, ends its polls and closes its store.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }
        await closing.BeginAsync();
        await servers.DisposeAsync();
        ending.Cancel();
        // Its failure, if it had one, is for whoever watches Running.
        await Task.WhenAny(Running);
        await service.DisposeAsync();
        ending.Dispose();
        closing.Done();
    }

    private static Uri? FindOwnUrl(string network, IReadOnlyList<Endpoint> listening) =>
        NetworkName.TryParse(network, out var name, out _) ? HostUrls.FindOwn(name, listening) : null;
}
