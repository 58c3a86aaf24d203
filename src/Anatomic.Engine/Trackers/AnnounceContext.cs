using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>The transfer totals that a torrent announces, in bytes.</summary>
internal readonly record struct AnnounceTotals(long Uploaded, long Downloaded, long Left);

/// <summary>Everything the announcers of a torrent need from it.</summary>
internal sealed record AnnounceContext
{
    public required IWorld World { get; init; }

    public required Hash20 PeerId { get; init; }

    /// <summary>The port we listen on; 0 when we do not listen.</summary>
    public required int Port { get; init; }

    /// <summary>Whether trackers at private addresses may be contacted under any path.</summary>
    public required bool AllowPrivate { get; init; }

    /// <summary>Announce URLs in tiers (BEP 12).</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Tiers { get; init; }

    /// <summary>Supplies further trackers when all fail; null: none.</summary>
    public ITrackerSource? TrackerSource { get; init; }

    /// <summary>Returns the current totals.</summary>
    public required Func<AnnounceTotals> Totals { get; init; }

    /// <summary>Called with each peer a tracker returned, and the swarm it belongs to.</summary>
    public required Action<Endpoint, Hash20> PeerFound { get; init; }

    /// <summary>Cancelled when the torrent stops.</summary>
    public required CancellationToken Stop { get; init; }

    public DateTimeOffset Now => World.Clock.GetUtcNow();
}
