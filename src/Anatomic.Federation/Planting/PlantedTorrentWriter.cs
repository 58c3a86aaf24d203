using Anatomic.Federation.Lookup;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Planting;

/// <summary>
/// The step 'write': adds a tier with the holders and a tier with supernodes after the torrent's own tiers, and the key
/// <c>anatomic</c>. The info dictionary stays byte for byte the same.
/// </summary>
internal static class PlantedTorrentWriter
{
    public static (byte[] Torrent, string Magnet) Write(
        TorrentMetainfo torrent,
        Signed<PlantOrder> order,
        IReadOnlyList<PlantAttempt> holders,
        IReadOnlyList<SupernodeAddress> supernodes,
        bool replaceTrackers
    )
    {
        var named = supernodes.Take(NetworkLimits.MaxSupernodes).ToArray();
        var ours = new List<IReadOnlyList<string>>
        {
            (List<string>)[.. holders.SelectMany(holder => AnnounceUrls.Of(holder.Node.Item))],
            SupernodeTier(named),
        };
        var own = replaceTrackers ? [] : OwnTiers(torrent);
        var planting = new TorrentPlanting(
            order.Envelope,
            [.. holders.Select(holder => holder.Receipt!.Envelope)],
            named
        );
        var bytes = torrent.Rewrite(
            new MetainfoEdit { AnnounceTiers = [.. own, .. ours], Anatomic = planting.Write() }
        );
        if (!TorrentMetainfo.TryRead(bytes, out var written, out var fault))
        {
            throw new InvariantBrokenException($"the planted torrent cannot be read back: {fault}");
        }
        return (bytes, MagnetLink.Of(written).ToString());
    }

    /// <summary>The torrent's tiers without those of an earlier planting.</summary>
    internal static IReadOnlyList<IReadOnlyList<string>> OwnTiers(TorrentMetainfo torrent)
    {
        var tiers = torrent.AnnounceTiers;
        if (
            torrent.Anatomic is not { } value
            || !TorrentPlanting.TryRead(value.Raw, out var before, out _)
            || tiers.Count < 2
        )
        {
            return tiers;
        }
        var supernodes = SupernodeTier(before.Supernodes).ToHashSet();
        // If the last tier is as planting wrote it, the one before it is of that planting too. Other files stay
        // unchanged.
        return tiers[^1].All(supernodes.Contains) ? [.. tiers.Take(tiers.Count - 2)] : tiers;
    }

    private static List<string> SupernodeTier(IReadOnlyList<SupernodeAddress> supernodes) =>
        [.. supernodes.Select(supernode => new Uri(supernode.Url, "announce").AbsoluteUri)];
}
