using Anatomic.Engine.Trackers;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Settings;

/// <summary>A torrent to download or to seed: either from its metainfo or from a magnet link.</summary>
public sealed record AddTorrent
{
    /// <summary>What is downloaded or seeded; null when it comes from <see cref="Magnet"/>. Exactly one of the two is given.</summary>
    public TorrentMetainfo? Metainfo { get; init; }

    /// <summary>The metadata is fetched from peers (BEP 9).</summary>
    public MagnetLink? Magnet { get; init; }

    /// <summary>
    /// The absolute folder that holds the torrent's file or folder, or will: <c>folder/name</c> for a torrent of one file,
    /// <c>folder/name/…</c> for one of many.
    /// </summary>
    public required string Folder { get; init; }

    /// <summary>
    /// The very file or folder that the torrent describes, when it bears another name than the torrent says; absolute. Null:
    /// <see cref="Folder"/> and the torrent's own name.
    /// </summary>
    public string? DataPath { get; init; }

    /// <summary>Peers given by hand: <c>1.2.3.4:6881</c>, <c>[::1]:6881</c> or <c>host:6881</c>; dialled even when private.</summary>
    public IReadOnlyList<string> Peers { get; init; } = [];

    /// <summary>Announce URLs beside those of the torrent, as tiers of their own behind its tiers.</summary>
    public IReadOnlyList<string> Trackers { get; init; } = [];

    /// <summary>Indexes of the files to download, in the torrent's order without padding; null: all (of a magnet: those of its <c>so</c>, BEP 53).</summary>
    public IReadOnlyList<int>? Files { get; init; }

    /// <summary>Pieces in their order instead of the rarest first, for watching while downloading.</summary>
    public bool Sequential { get; init; }

    /// <summary>Nothing is downloaded: the data is checked and what is there is uploaded.</summary>
    public bool SeedOnly { get; init; }

    /// <summary>Asked for present announce URLs when all trackers fail; null: nobody is.</summary>
    public ITrackerSource? TrackerSource { get; init; }
}
