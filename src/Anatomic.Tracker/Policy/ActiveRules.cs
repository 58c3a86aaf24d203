using Anatomic.Wire;

namespace Anatomic.Tracker.Policy;

/// <summary>
/// The current rules, shared by all shards. Rules that reject nothing are stored as null, which the hot path skips.
/// </summary>
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
