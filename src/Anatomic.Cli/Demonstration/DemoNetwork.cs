using System.Net;
using Anatomic.Cli.Invocation;
using Anatomic.Federation;
using Anatomic.Federation.Supernodes;
using Anatomic.Hosting;
using Anatomic.Machine;
using Anatomic.Machine.Configuration;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Cli.Demonstration;

/// <summary>
/// The hosts of the demo. Each has its own world and folder, as if it were a machine of its own; only the address,
/// 127.0.0.1, is shared. Disposing it stops all hosts and deletes all folders.
/// </summary>
internal sealed class DemoNetwork(VerbContext context) : IAsyncDisposable
{
    private static readonly Endpoint Loopback = Endpoint.From(IPAddress.Loopback, 0);
    private readonly List<MachineWorld> worlds = [];
    private readonly List<SupernodeHost> supernodes = [];
    private readonly List<NodeHost> nodes = [];

    public NetworkOptions Network { get; } = CreateNetwork("local-demo");

    public string Folder { get; } = Directory.CreateTempSubdirectory("anatomic-demo-").FullName;

    public IReadOnlyList<NodeHost> Nodes => nodes;

    /// <summary>The supernodes as <c>URL#id</c>.</summary>
    public IReadOnlyList<string> Supernodes => [.. supernodes.Select(host => $"{host.Urls[0]}#{host.Id}")];

    /// <summary>Opens a world over a folder of its own; it is closed with the network.</summary>
    public MachineWorld OpenWorld(string name, int loops = 1)
    {
        var world = new MachineWorld(
            new MachineOptions
            {
                StateFolder = Path.Combine(Folder, name),
                Loops = loops,
                Workers = loops,
                Unhandled = fault => context.Output.WriteWarning($"this is a bug, please report it: {fault}"),
            }
        );
        worlds.Add(world);
        return world;
    }

    public async Task<SupernodeHost> AddSupernodeAsync(CancellationToken stop)
    {
        var options = new SupernodeHostOptions
        {
            Listen = [Loopback],
            Supernode = new SupernodeOptions { Network = Network.Name.Text, Peers = Supernodes },
        };
        var host = await SupernodeHost.StartAsync(OpenWorld($"supernode-{supernodes.Count + 1}"), options, stop);
        supernodes.Add(host);
        return host;
    }

    public async Task<NodeHost> AddNodeAsync(CancellationToken stop)
    {
        var options = new NodeHostOptions
        {
            Listen = [Loopback],
            Network = Network,
            Supernodes = Supernodes,
        };
        var host = await NodeHost.StartAsync(OpenWorld($"node-{nodes.Count + 1}"), options, stop);
        nodes.Add(host);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
        foreach (var supernode in supernodes)
        {
            await supernode.DisposeAsync();
        }
        foreach (var world in worlds)
        {
            await world.DisposeAsync();
        }
        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (IOException fault)
        {
            context.Output.WriteWarning($"{Folder} could not be deleted: {fault.Message}");
        }
    }

    private static NetworkOptions CreateNetwork(string name)
    {
        Invariant.Holds(NetworkName.TryParse(name, out var parsed, out _));
        return new NetworkOptions { Name = parsed! };
    }
}
