using System.Collections.Frozen;
using Anatomic.Wire;

namespace Anatomic.Tracker.Policy;

/// <summary>
/// The operator's allow and deny lists. They override planting: a denied torrent is neither announced nor scraped.
/// Immutable; new lists are a new object.
/// </summary>
public sealed class TrackerRules
{
    private readonly FrozenSet<Hash20> denied;
    private readonly FrozenSet<Hash20>? allowed;

    /// <param name="denied">Torrents that are never tracked.</param>
    /// <param name="allowed">The only torrents that are tracked; null: all that are not denied.</param>
    public TrackerRules(IEnumerable<Hash20> denied, IEnumerable<Hash20>? allowed)
    {
        this.denied = denied.ToFrozenSet();
        // Denied torrents are subtracted here, so that a check needs one lookup in either case.
        this.allowed = allowed?.Where(swarm => !this.denied.Contains(swarm)).ToFrozenSet();
    }

    /// <summary>Tracks every torrent.</summary>
    public static TrackerRules None { get; } = new([], null);

    /// <summary>True if these rules reject any torrent at all.</summary>
    public bool RejectsAny => allowed is not null || denied.Count > 0;

    /// <summary>True if the torrent is on the deny list.</summary>
    public bool IsDenied(Hash20 swarm) => denied.Contains(swarm);

    /// <summary>True if announces and scrapes of the torrent are answered.</summary>
    public bool Allows(Hash20 swarm) => allowed?.Contains(swarm) ?? !denied.Contains(swarm);
}
