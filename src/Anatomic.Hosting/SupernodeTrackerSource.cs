using Anatomic.Engine.Trackers;
using Anatomic.Federation.Lookup;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>
/// What the engine asks when a torrent's trackers fail: the supernodes that the torrent names and those that the person has in
/// their list. Nobody answering is the same to it as nobody knowing: it asks again later.
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
