using Anatomic.Wire;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Torrents;

/// <summary>What is known about which torrent this is.</summary>
internal sealed record TorrentIdentity
{
    /// <summary>The first info-hash under which it was added; identifies it in the session and its store.</summary>
    public required Hash20 Key { get; init; }

    public required Hash20? HashV1 { get; init; }
    public required Hash32? HashV2 { get; init; }

    /// <summary>The magnet link by which it was added; null when there was none.</summary>
    public MagnetLink? Magnet { get; init; }

    /// <summary>Null while it is unknown, and while the torrent is idle and can load it from the store.</summary>
    public TorrentMetainfo? Metainfo { get; init; }

    /// <summary>The name of the torrent; the link's name or the info-hash until it is known.</summary>
    public required string Name { get; init; }

    /// <summary>The ids by which trackers and peers know the torrent, v1 first.</summary>
    public IEnumerable<Hash20> SwarmIds => TorrentContext.SwarmIdsOf(HashV1, HashV2);

    public static TorrentIdentity Of(TorrentMetainfo metainfo) =>
        new()
        {
            Key = metainfo.Info.SwarmIds[0],
            HashV1 = metainfo.Info.HashV1,
            HashV2 = metainfo.Info.HashV2,
            Metainfo = metainfo,
            Name = metainfo.Info.Name,
        };

    public static TorrentIdentity Of(MagnetLink magnet) =>
        new()
        {
            Key = magnet.SwarmIds[0],
            HashV1 = magnet.HashV1,
            HashV2 = magnet.HashV2,
            Magnet = magnet,
            Name = magnet.DisplayName ?? magnet.SwarmIds[0].ToString(),
        };

    /// <summary>The metainfo of a magnet link whose info dictionary is known.</summary>
    public TorrentMetainfo ToMetainfo(TorrentInfo info)
    {
        var tiers = Magnet!.Trackers.Select(url => new[] { url });
        return TorrentMetainfo.FromInfo(
            info,
            new MetainfoEdit { AnnounceTiers = [.. tiers], WebSeeds = Magnet.WebSeeds }
        );
    }

    /// <summary>The identity after the metadata of a magnet link became known.</summary>
    public TorrentIdentity With(TorrentMetainfo metainfo) =>
        this with
        {
            HashV1 = metainfo.Info.HashV1,
            HashV2 = metainfo.Info.HashV2,
            Metainfo = metainfo,
            Name = metainfo.Info.Name,
        };
}
