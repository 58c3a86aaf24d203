using Anatomic.Wire;

namespace Anatomic.Engine.Trackers;

/// <summary>The state of one tracker of a torrent, for one of its swarms.</summary>
public sealed record TrackerStatus
{
    /// <summary><see cref="Tier"/> of a tracker from the tracker source.</summary>
    public const int DiscoveredTier = -1;

    /// <summary>The announce URL.</summary>
    public required string Url { get; init; }

    /// <summary>
    /// The tier, from 0 (BEP 12); <see cref="DiscoveredTier"/> for a tracker from the tracker source.
    /// </summary>
    public required int Tier { get; init; }

    /// <summary>The swarm announced there: the v1 info-hash or the truncated v2 info-hash.</summary>
    public required Hash20 Swarm { get; init; }

    /// <summary>
    /// The tracker's last message, or why the last announce failed, for the user; empty before the first announce.
    /// </summary>
    public required string Message { get; init; }

    /// <summary>Whether the last announce succeeded.</summary>
    public required bool Working { get; init; }

    /// <summary>
    /// Whether this is the tracker that the swarm uses now. Others stand by, or are tried after it fails.
    /// </summary>
    public bool InUse { get; init; }

    /// <summary>Whether an announce is waiting for its turn or its response.</summary>
    public bool Announcing { get; init; }

    /// <summary>When the tracker was asked last; null: not yet.</summary>
    public DateTimeOffset? LastAsked { get; init; }

    /// <summary>
    /// When the tracker may be asked next; null before the first announce, and when it wants no further one.
    /// </summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>Consecutive failed announces.</summary>
    public int Failures { get; init; }

    /// <summary>Seeds the tracker reported; null when it reported none.</summary>
    public int? Seeds { get; init; }

    /// <summary>Leechers the tracker reported; null when it reported none.</summary>
    public int? Leechers { get; init; }

    /// <summary>Completed downloads the tracker reported; null when it reported none.</summary>
    public int? Downloaded { get; init; }
}
