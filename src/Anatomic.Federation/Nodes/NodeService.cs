using Anatomic.Wire.Identity;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// A node's side of the network: it takes orders, shows what it holds, registers at its supernodes and shares peers with the
/// other holders. Runs on one loop; the tracker beside it answers announces on its own.
/// </summary>
public sealed class NodeService : IRequestHandler, IAsyncDisposable
{
    private NodeService(NodeId id) => Id = id;

    public NodeId Id { get; }

    /// <summary>Orders held now.</summary>
    public int Plants => throw new NotSupportedException("not yet written");

    /// <summary>Opens the store, admits what is planted, and starts registering and sharing.</summary>
    public static Task<NodeService> OpenAsync(
        IWorld world,
        ILoop loop,
        NodeOptions options,
        ITrackedSwarms swarms,
        IPeerNodes others,
        CancellationToken stop
    ) => throw new NotSupportedException("not yet written");

    /// <summary>Answers everything but announces and scrapes; from any thread.</summary>
    public ValueTask<HttpReply> HandleAsync(HttpCall call, CancellationToken stop) =>
        throw new NotSupportedException("not yet written");

    /// <summary>Stops registering and sharing, and closes the store.</summary>
    public ValueTask DisposeAsync() => throw new NotSupportedException("not yet written");
}
