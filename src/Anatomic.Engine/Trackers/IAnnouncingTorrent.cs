using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>The transfer totals that a torrent announces.</summary>
/// <param name="Uploaded">Payload sent, in bytes.</param>
/// <param name="Downloaded">Payload received, in bytes.</param>
/// <param name="Left">Bytes of all pieces that we lack, also unwanted ones (BEP 3); 0 for a seed.</param>
/// <param name="IsPartialSeed">
/// Pieces are missing, but we download none of them: we have all that is wanted (BEP 21).
/// </param>
internal readonly record struct AnnounceTotals(long Uploaded, long Downloaded, long Left, bool IsPartialSeed);

/// <summary>What the announcer of a torrent needs from it. Called on the torrent's loop.</summary>
internal interface IAnnouncingTorrent
{
    ILoop Loop { get; }

    AnnounceTotals AnnounceTotals { get; }

    /// <summary>Supplies further trackers when all fail; null: none.</summary>
    ITrackerSource? TrackerSource { get; }

    /// <summary>Which sources of peers the torrent may use.</summary>
    PeerSourceGate Gate { get; }

    /// <summary>A tracker returned peers of one of the torrent's swarms.</summary>
    void PeersFound(IReadOnlyList<Endpoint> peers, Hash20 swarm, PeerSource source);

    /// <summary>
    /// An announce ended, so <see cref="TorrentAnnouncer.NextDue"/> and the trackers' status have changed.
    /// </summary>
    void AnnounceEnded();
}
