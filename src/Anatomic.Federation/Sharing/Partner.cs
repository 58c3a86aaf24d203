using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Sharing;

/// <summary>What is known of a candidate of an order that this node holds.</summary>
public enum HoldingState
{
    /// <summary>Addressed, or about to be; it has not said anything yet.</summary>
    Untried,

    /// <summary>It holds the order: it takes part.</summary>
    Holding,

    /// <summary>It answered that it does not hold it; left out until it sends something for it.</summary>
    Out,

    /// <summary>It was silent for too long, and the supernodes find it dead; tried again when it is heard.</summary>
    Lost,
}

/// <summary>News of one swarm that wait for the next batch.</summary>
internal sealed class PendingShare
{
    public bool IsSnapshot { get; set; }

    public DateTimeOffset Due { get; set; }

    /// <summary>By address: whether it is a seed, and whether it is gone.</summary>
    public Dictionary<Endpoint, (bool IsSeed, bool IsGone)> Changes { get; } = [];
}

/// <summary>Another node that is a candidate of orders held here. Which ones, the ledger knows.</summary>
public sealed class Partner
{
    private readonly int[] orders = new int[Enum.GetValues<HoldingState>().Length];

    internal Partner(NodeId id, int number) => (Id, Number) = (id, number);

    public NodeId Id { get; }

    /// <summary>Its newest verified record; null: its url is not known yet.</summary>
    public Signed<NodeRecord>? Record { get; internal set; }

    /// <summary>When it last sent a good batch or a good answer.</summary>
    public DateTimeOffset LastHeard { get; internal set; }

    /// <summary>Silent partner: when the supernodes were last asked about it.</summary>
    public DateTimeOffset AskedDeath { get; internal set; }

    /// <summary>Its number among the nodes that the ledger's orders name.</summary>
    internal int Number { get; }

    /// <summary>A row of the ledger from which on one of its orders is found.</summary>
    internal int Sample { get; set; }

    /// <summary>Since when it has had a part in some order, and was to be heard.</summary>
    internal DateTimeOffset ActiveSince { get; private set; }

    internal SnapshotQueue Snapshots { get; } = new();
    internal PendingShares Pending { get; } = new();
    internal HashSet<(Hash32 Order, Hash20 Swarm)> UnderWay { get; } = [];
    internal SortedDictionary<Hash20, Dictionary<Endpoint, DateTimeOffset>> Taken { get; } = [];
    internal bool IsInFlight { get; set; }
    internal int Failures { get; set; }
    internal DateTimeOffset NotBefore { get; set; }
    internal DateTimeOffset LastSent { get; set; }
    internal DateTimeOffset LookedFor { get; set; }
    internal long Boot { get; set; } = -1;
    internal long SeqSeen { get; set; }
    internal long RecordSent { get; set; } = -1;

    /// <summary>Whether it is a present holder of at least one order.</summary>
    public bool IsHolder => CountOf(HoldingState.Holding) > 0;

    /// <summary>Orders held here that name it.</summary>
    internal int Orders => orders.Sum();

    /// <summary>Whether it has, or may have, a part in an order.</summary>
    internal bool IsActive => CountOf(HoldingState.Holding) + CountOf(HoldingState.Untried) > 0;

    /// <summary>Whether it was heard lately.</summary>
    public bool Answers(DateTimeOffset now) => LastHeard + SharingLimits.Answering >= now;

    /// <summary>Whether it was to be heard for 10 minutes, and was not.</summary>
    internal bool IsSilent(DateTimeOffset now) =>
        IsActive && now - (ActiveSince > LastHeard ? ActiveSince : LastHeard) >= FederationLimits.SilenceUntilLost;

    internal int CountOf(HoldingState state) => orders[(int)state];

    /// <summary>One of its orders goes from one state to another; null: it was, or is, none of them.</summary>
    internal void Count(HoldingState? from, HoldingState? to, DateTimeOffset now)
    {
        var wasActive = IsActive;
        if (from is { } before)
        {
            orders[(int)before]--;
        }
        if (to is { } after)
        {
            orders[(int)after]++;
        }
        if (IsActive && !wasActive)
        {
            ActiveSince = now;
        }
    }
}
