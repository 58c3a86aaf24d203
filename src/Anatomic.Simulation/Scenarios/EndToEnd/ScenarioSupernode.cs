using Anatomic.Hosting;

namespace Anatomic.Simulation.Scenarios.EndToEnd;

/// <summary>A host that runs a supernode.</summary>
public sealed class ScenarioSupernode(SimulatedHost host, SupernodeHostOptions options)
{
    private string? name;

    public SimulatedHost Host => host;

    /// <summary>The running supernode; null from a crash to the next start.</summary>
    public SupernodeHost? Supernode { get; private set; }

    public Uri Url => new($"http://{host.Address}:{options.Listen[0].Port}/");

    /// <summary>The supernode as <c>URL#id</c>, as in options.</summary>
    public string Name => name ?? throw new InvalidOperationException($"{host.Name} was never started");

    public async Task StartAsync()
    {
        Supernode = await host.RunAsync(world => SupernodeHost.StartAsync(world, options, CancellationToken.None));
        name = $"{Url}#{Supernode.Id}";
    }

    public void Crash()
    {
        Supernode = null;
        host.Crash();
    }

    public async Task RestartAsync()
    {
        host.Restart();
        await StartAsync();
    }
}
