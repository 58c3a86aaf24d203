using Anatomic.Engine.Trackers;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>Wires a client's torrents to the network: what to ask when all their trackers fail.</summary>
public static class Clients
{
    /// <summary>
    /// Asks the supernodes that the torrent itself names, then those of the person's own list; null when there are none.
    /// </summary>
    /// <param name="world">The world.</param>
    /// <param name="network">The network's name.</param>
    /// <param name="metainfo">The torrent; null for a magnet, which names no supernodes.</param>
    /// <param name="own">The person's own list, as <c>URL#id</c>.</param>
    public static ITrackerFinder? FinderOf(
        IWorld world,
        string network,
        TorrentMetainfo? metainfo,
        IReadOnlyList<string> own
    )
    {
        var named = PlantingOf(metainfo)?.Supernodes.Select(supernode => supernode.ToString()) ?? [];
        List<string> all = [.. named.Concat(own).Distinct()];
        return all.Count == 0 ? null : new TrackerFinder(world, network, all);
    }

    /// <summary>What the planter wrote into a torrent; null when it was never planted, or is not written as it should be.</summary>
    public static TorrentPlanting? PlantingOf(TorrentMetainfo? metainfo) =>
        metainfo?.Anatomic is { } value && TorrentPlanting.TryRead(value.Raw, out var planting, out _)
            ? planting
            : null;
}
