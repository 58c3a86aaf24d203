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

/// <summary>One partner's part in one order.</summary>
public sealed class Holding
{
    public HoldingState State { get; set; }
    public NotHeldReason Reason { get; set; }

    /// <summary>Since when it is in this state.</summary>
    public DateTimeOffset Since { get; set; }

    /// <summary>No carry before this time.</summary>
    public DateTimeOffset AvoidUntil { get; set; }
}

/// <summary>News of one swarm that wait for the next batch.</summary>
internal sealed class PendingShare
{
    public bool IsSnapshot { get; set; }

    public DateTimeOffset Due { get; set; }

    /// <summary>By address: whether it is a seed, and whether it is gone.</summary>
    public Dictionary<Endpoint, (bool IsSeed, bool IsGone)> Changes { get; } = [];
}

/// <summary>Another node that is a candidate of orders held here.</summary>
public sealed class Partner(NodeId id)
{
    public NodeId Id { get; } = id;

    /// <summary>Its newest verified record; null: its url is not known yet.</summary>
    public Signed<NodeRecord>? Record { get; internal set; }

    /// <summary>Its part in each order.</summary>
    public SortedDictionary<Hash32, Holding> Orders { get; } = [];

    /// <summary>When it last sent a good batch or a good answer.</summary>
    public DateTimeOffset LastHeard { get; internal set; }

    /// <summary>Silent partner: when the supernodes were last asked about it.</summary>
    public DateTimeOffset AskedDeath { get; internal set; }

    internal SortedDictionary<(Hash32 Order, Hash20 Swarm), PendingShare> Pending { get; } = [];
    internal Dictionary<(Hash32 Order, Hash20 Swarm), PendingShare> UnderWay { get; } = [];
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
    public bool IsHolder => Orders.Values.Any(holding => holding.State == HoldingState.Holding);

    /// <summary>Whether it was heard lately.</summary>
    public bool Answers(DateTimeOffset now) => LastHeard + SharingLimits.Answering >= now;
}
