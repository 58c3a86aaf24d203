using Anatomic.Engine.Trackers;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>Connects a client's torrents to the network.</summary>
public static class ClientTorrents
{
    /// <summary>
    /// Creates what finds more trackers when all of a torrent's trackers fail, or null when no supernode is known. It
    /// alternates between the torrent's supernodes and the user's, so that neither list can hide the other.
    /// </summary>
    /// <param name="world">The world to ask the supernodes through.</param>
    /// <param name="network">The network's name.</param>
    /// <param name="metainfo">The torrent; null for a magnet link, which names no supernodes.</param>
    /// <param name="own">The user's own supernodes, as <c>URL#id</c>.</param>
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

    /// <summary>
    /// Reads what planting added to a torrent; null when it was never planted or the entry is malformed.
    /// </summary>
    public static TorrentPlanting? ReadPlanting(TorrentMetainfo? metainfo) =>
        metainfo?.Anatomic is { } value && TorrentPlanting.TryRead(value.Raw, out var planting, out _)
            ? planting
            : null;
}
