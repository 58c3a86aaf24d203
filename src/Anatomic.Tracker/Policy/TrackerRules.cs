using System.Collections.Frozen;
using Anatomic.Wire;

namespace Anatomic.Tracker.Policy;

/// <summary>
/// The operator's word about torrents, which stands above planting: a torrent that is denied is neither announced to nor
/// scraped. Never changes; another word is another object.
/// </summary>
public sealed class TrackerRules
{
    private readonly FrozenSet<Hash20> denied;
    private readonly FrozenSet<Hash20>? allowed;

    /// <param name="denied">Torrents never to track.</param>
    /// <param name="allowed">The only torrents to track; null: all that are not denied.</param>
    public TrackerRules(IEnumerable<Hash20> denied, IEnumerable<Hash20>? allowed)
    {
        this.denied = denied.ToFrozenSet();
        // Less what is denied, so that either way one look decides.
        this.allowed = allowed?.Where(swarm => !this.denied.Contains(swarm)).ToFrozenSet();
    }

    /// <summary>Everything is tracked.</summary>
    public static TrackerRules None { get; } = new([], null);

    /// <summary>Whether there is anything that these rules refuse.</summary>
    public bool RejectsAny => allowed is not null || denied.Count > 0;

    /// <summary>Named on the list of denied torrents.</summary>
    public bool IsDenied(Hash20 swarm) => denied.Contains(swarm);

    /// <summary>Announces and scrapes of it are answered.</summary>
    public bool Allows(Hash20 swarm) => allowed?.Contains(swarm) ?? !denied.Contains(swarm);
}

/// <summary>The rules of now, for every shard; without any, the hot path finds nothing to ask.</summary>
internal sealed class ActiveRules
{
    private volatile TrackerRules? rules;

    public TrackerRules Rules
    {
        get => rules ?? TrackerRules.None;
        set => rules = value.RejectsAny ? value : null;
    }

    public bool Allows(in Hash20 swarm) => rules?.Allows(swarm) ?? true;
}
