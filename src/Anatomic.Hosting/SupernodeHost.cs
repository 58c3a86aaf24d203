using Anatomic.Federation.Supernodes;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>A running supernode: the service, and the addresses at which it answers.</summary>
public sealed class SupernodeHost : IAsyncDisposable
{
    private readonly SupernodeService service;
    private readonly Servings servings;
    private readonly CancellationTokenSource ending;
    private int disposed;

    private SupernodeHost(SupernodeService service, Servings servings, CancellationTokenSource ending, Task running)
    {
        this.service = service;
        this.servings = servings;
        this.ending = ending;
        Running = running;
    }

    public NodeId Id => service.Id;

    /// <summary>The addresses really bound, ports included.</summary>
    public IReadOnlyList<Endpoint> Listening => servings.Http;

    /// <summary>The same as URLs, for a person to open.</summary>
    public IReadOnlyList<Uri> Urls => [.. servings.Http.Select(Addresses.UrlOf)];

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
        var gate = new Gate();
        var bound = new Servings();
        try
        {
            await bound.AddHttpAsync(world, options.Listen, gate, stop);
            var settings = options.Supernode with
            {
                PublicUrl = options.Supernode.PublicUrl ?? Addresses.Own(options.Supernode.Network, bound.Http),
            };
            var opened = await SupernodeService.OpenAsync(world, settings, stop);
            gate.Open(opened, fast: null);
            var end = new CancellationTokenSource();
            var running = world.Loops.All[0].RunAsync(() => opened.RunAsync(end.Token));
            return new SupernodeHost(opened, bound, end, running);
        }
        catch
        {
            gate.Close();
            await bound.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes no more requests, ends its polls and closes its store.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }
        await servings.DisposeAsync();
        ending.Cancel();
        // Its failure, if it had one, is for whoever watches Running.
        await Task.WhenAny(Running);
        await service.DisposeAsync();
        ending.Dispose();
    }
}
