using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// A supernode: the directory of nodes and supernodes, and the index from info-hash to nodes. It holds no truth of its own: what
/// it knows is what nodes have signed and its own polls have confirmed.
/// </summary>
public sealed class SupernodeService : IRequestHandler, IAsyncDisposable
{
    private SupernodeService() { }

    /// <summary>SHA-256 of its public key.</summary>
    public Hash32 Id => throw new NotSupportedException("comes within the hour");

    /// <summary>Opens its store, makes its key on the first start, and reads back what it knew.</summary>
    public static Task<SupernodeService> OpenAsync(IWorld world, SupernodeOptions options, CancellationToken stop) =>
        throw new NotSupportedException("comes within the hour");

    /// <summary>Polls nodes and exchanges records until <paramref name="stop"/>; ends without an exception then.</summary>
    public Task RunAsync(CancellationToken stop) => throw new NotSupportedException("comes within the hour");

    /// <summary>Answers one request; from any thread.</summary>
    public ValueTask<HttpReply> HandleAsync(HttpCall call, CancellationToken stop) =>
        throw new NotSupportedException("comes within the hour");

    public ValueTask DisposeAsync() => throw new NotSupportedException("comes within the hour");
}
