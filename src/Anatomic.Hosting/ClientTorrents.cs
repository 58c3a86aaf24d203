using Anatomic.Engine.Trackers;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>Wires a client's torrents to the network: what to ask when all their trackers fail.</summary>
public static class ClientTorrents
{
    /// <summary>
    /// Asks the supernodes that the torrent names and those of the person's own list by turns, so that neither silences the other;
    /// null when there are none.
    /// </summary>
    /// <param name="world">The world.</param>
    /// <param name="network">The network's name.</param>
    /// <param name="metainfo">The torrent; null for a magnet, which names no supernodes.</param>
    /// <param name="own">The person's own list, as <c>URL#id</c>.</param>
    public static ITrackerSource? CreateTrackerSource(
        IWorld world,
        string network,
        TorrentMetainfo? metainfo,
        IReadOnlyList<string> own
    )
    {
        List<string> named = [.. ReadPlanting(metainfo)?.Supernodes.Select(supernode => supernode.ToString()) ?? []];
        List<string> all =
        [
            .. Enumerable
                .Range(0, Math.Max(named.Count, own.Count))
                .SelectMany(i => named.Skip(i).Take(1).Concat(own.Skip(i).Take(1)))
                .Distinct(),
        ];
        return all.Count == 0 ? null : new SupernodeTrackerSource(world, network, all);
    }

    /// <summary>What the planter wrote into a torrent; null when it was never planted, or is not written as it should be.</summary>
    public static TorrentPlanting? ReadPlanting(TorrentMetainfo? metainfo) =>
        metainfo?.Anatomic is { } value && TorrentPlanting.TryRead(value.Raw, out var planting, out _)
            ? planting
            : null;
}
