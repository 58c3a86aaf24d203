using Anatomic.Wire;

namespace Anatomic.Engine.Trackers;

/// <summary>The state of one tracker of a torrent.</summary>
/// <param name="Url">The announce URL.</param>
/// <param name="Tier">The tier, from 0 (BEP 12); -1 for a tracker from the tracker source.</param>
/// <param name="Swarm">The swarm announced there: the v1 info-hash or the truncated v2 info-hash.</param>
/// <param name="Message">
/// The tracker's last message, or why the last announce failed, for the user; empty before the first announce.
/// </param>
/// <param name="Working">Whether the last announce succeeded.</param>
/// <param name="Next">When the next announce is due; null when none is planned.</param>
/// <param name="Seeds">Seeds the tracker reported; null when it reported none.</param>
/// <param name="Leechers">Leechers the tracker reported; null when it reported none.</param>
public sealed record TrackerStatus(
    string Url,
    int Tier,
    Hash20 Swarm,
    string Message,
    bool Working,
    DateTimeOffset? Next,
    int? Seeds,
    int? Leechers
);
