using Anatomic.Engine.Trackers;
using Anatomic.Federation.Lookup;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>
/// Finds trackers for the engine when a torrent's own trackers fail: it asks supernodes for the nodes that hold the
/// torrent. When no supernode answers, the result is empty, and the engine tries again later.
/// </summary>
public sealed class SupernodeTrackerSource(IWorld world, string network, IReadOnlyList<string> supernodes)
    : ITrackerSource
{
    private readonly HolderFinder finder = new(world, network);

    public async ValueTask<IReadOnlyList<string>> FindAsync(Hash20 swarm, CancellationToken stop)
    {
        try
        {
            var holders = await finder.FindAsync(swarm, supernodes, stop);
            return [.. holders.SelectMany(holder => holder.AnnounceUrls)];
        }
        catch (NetworkException)
        {
            return [];
        }
    }
}
