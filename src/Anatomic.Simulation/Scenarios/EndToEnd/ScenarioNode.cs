using Anatomic.Hosting;
using Anatomic.Wire.Identity;

namespace Anatomic.Simulation.Scenarios.EndToEnd;

/// <summary>A host that runs a node, also after a crash and a restart.</summary>
public sealed class ScenarioNode(SimulatedHost host, NodeHostOptions options)
{
    public SimulatedHost Host => host;

    /// <summary>The running node; null from a crash to the next start.</summary>
    public NodeHost? Node { get; private set; }

    public string AnnounceUrl => $"http://{host.Address}:{options.Listen[0].Port}/announce";

    /// <summary>The node's id, which it keeps across restarts.</summary>
    public NodeId Id { get; private set; }

    /// <summary>Number of orders it gave a receipt for. It may never hold fewer.</summary>
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

    /// <summary>Null, or how many acknowledged orders the node has lost.</summary>
    public string? CheckReceipts() =>
        Node is { } node && node.Service.Plants < Acknowledged
            ? $"{host.Name} gave {Acknowledged} receipts and holds {node.Service.Plants} orders"
            : null;
}
