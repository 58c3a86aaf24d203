using Anatomic.Engine.Storage;
using Anatomic.Engine.Trackers;
using Anatomic.Wire.Magnets;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Settings;

/// <summary>A torrent to download or seed, from its metainfo or from a magnet link.</summary>
public sealed record AddTorrent
{
    /// <summary>The torrent's metainfo. Exactly one of this and <see cref="Magnet"/> is set.</summary>
    public TorrentMetainfo? Metainfo { get; init; }

    /// <summary>A magnet link, whose metadata is downloaded from peers (BEP 9).</summary>
    public MagnetLink? Magnet { get; init; }

    /// <summary>
    /// The absolute folder that contains the torrent's file or folder: <c>folder/name</c> for a single-file torrent,
    /// <c>folder/name/…</c> for a multi-file one. It need not exist yet.
    /// </summary>
    public required string Folder { get; init; }

    /// <summary>
    /// The absolute path of the torrent's own file or folder, when its name differs from the torrent's. Null (default):
    /// <see cref="Folder"/> and the torrent's name.
    /// </summary>
    public string? DataPath { get; init; }

    /// <summary>
    /// Additional peers: <c>1.2.3.4:6881</c>, <c>[::1]:6881</c> or <c>host:6881</c>. They are dialled even when
    /// private.
    /// </summary>
    public IReadOnlyList<string> Peers { get; init; } = [];

    /// <summary>Additional announce URLs, each a tier of its own after the torrent's tiers.</summary>
    public IReadOnlyList<string> Trackers { get; init; } = [];

    /// <summary>
    /// The indexes of the files to download, in the torrent's order without padding. Null (default): all files, or
    /// those that a magnet link selects with <c>so</c> (BEP 53).
    /// </summary>
    public IReadOnlyList<int>? Files { get; init; }

    /// <summary>
    /// Downloads pieces in order instead of the rarest first, to play a file during its download. Default false.
    /// </summary>
    public bool Sequential { get; init; }

    /// <summary>Checks the data and uploads what is valid, without downloading anything. Default false.</summary>
    public bool SeedOnly { get; init; }

    /// <summary>
    /// Lets the download overwrite existing files that are not the torrent's, and shorten those that are too long.
    /// Default false: such a file is a fault that names it.
    /// </summary>
    public bool Overwrite { get; init; }

    /// <summary>
    /// Offers each peer one piece at a time, so that a new torrent's only seed uploads little more than once (BEP 16).
    /// Default false.
    /// </summary>
    public bool SuperSeed { get; init; }

    /// <summary>Supplies current announce URLs when all trackers fail; null (default): none.</summary>
    public ITrackerSource? TrackerSource { get; init; }

    internal DataPlace Place => DataPath is { } path ? new(path, IsTorrent: true) : new(Folder, IsTorrent: false);

    /// <summary>
    /// Why the selection of files does not fit the torrent, for the user; null when it does. The files of a magnet link
    /// are known only with its metadata.
    /// </summary>
    internal string? FindSelectionFault(TorrentInfo info)
    {
        var count = info.ContentFiles.Count;
        if (Files is not null)
        {
            return Files.FirstOrDefault(index => index >= count) is > 0 and var missing
                ? $"file {missing + 1:N0} is selected, but the torrent has only {count:N0}"
                : null;
        }
        return Magnet is { } magnet && !Enumerable.Range(0, count).Any(magnet.Selects)
            ? $"the magnet link selects none of the torrent's {count:N0} files"
            : null;
    }

    /// <summary>All announce URLs: the torrent's tiers, then one tier for each further URL.</summary>
    internal IReadOnlyList<IReadOnlyList<string>> AllTiers()
    {
        var tiers = new List<IReadOnlyList<string>>(Metainfo?.AnnounceTiers ?? []);
        tiers.AddRange((Magnet?.Trackers ?? []).Select(url => new[] { url }));
        tiers.AddRange(Trackers.Select(url => new[] { url }));
        return tiers;
    }
}
