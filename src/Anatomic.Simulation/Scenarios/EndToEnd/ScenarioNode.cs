using Anatomic.Hosting;
using Anatomic.Wire.Identity;

namespace Anatomic.Simulation.Scenarios.EndToEnd;

/// <summary>A host on which a node runs, and how it is started again after a crash.</summary>
public sealed class ScenarioNode(SimulatedHost host, NodeHostOptions options)
{
    public SimulatedHost Host => host;

    /// <summary>The running node; null while there is none.</summary>
    public NodeHost? Node { get; private set; }

    public string AnnounceUrl => $"http://{host.Address}:{options.Listen[0].Port}/announce";

    /// <summary>Its id, which it keeps for ever.</summary>
    public NodeId Id { get; private set; }

    /// <summary>Orders for which it gave a receipt; it may never hold fewer.</summary>
    public int Acknowledged { get; set; }

    public async Task StartAsync()
    {
        Node = await host.RunAsync(world => NodeHost.StartAsync(world, options, CancellationToken.None));
        Id = Node.Id;
    }

    public void Crash()
    {
        Node = null;
        host.Crash();
    }

    public async Task RestartAsync()
    {
        host.Restart();
        await StartAsync();
    }

    /// <summary>Null, or what was lost.</summary>
    public string? Check() =>
        Node is { } node && node.Service.Plants < Acknowledged
            ? $"{host.Name} gave {Acknowledged} receipts and holds {node.Service.Plants} orders"
            : null;
}
