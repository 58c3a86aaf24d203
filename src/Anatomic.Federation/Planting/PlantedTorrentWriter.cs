using Anatomic.Federation.Lookup;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Planting;

/// <summary>
/// The step 'write': the torrent's own tiers first, then one tier with the holders, then one with supernodes; and the key
/// <c>anatomic</c>. The info dictionary stays byte for byte.
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
            throw new Anatomic.Wire.InvariantBrokenException($"the torrent just written cannot be read: {fault}");
        }
        return (bytes, MagnetLink.Of(written).ToString());
    }

    /// <summary>The tiers without those that an earlier planting has put behind them.</summary>
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
        // The last tier is as we wrote it: then the one before it is ours, too. Somebody else's file stays as it is.
        return tiers[^1].All(supernodes.Contains) ? [.. tiers.Take(tiers.Count - 2)] : tiers;
    }

    private static List<string> SupernodeTier(IReadOnlyList<SupernodeAddress> supernodes) =>
        [.. supernodes.Select(supernode => new Uri(supernode.Url, "announce").AbsoluteUri)];
}
