using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Sharing;

/// <summary>What this node knows about another candidate of an order that it holds.</summary>
public enum HoldingState
{
    /// <summary>A snapshot was sent or is about to be; there is no answer yet.</summary>
    Untried,

    /// <summary>It holds the order.</summary>
    Holding,

    /// <summary>
    /// It answered that it does not hold the order. It receives nothing until it sends something for it.
    /// </summary>
    NotHolding,

    /// <summary>It was silent for too long, and supernodes find it dead. It is tried again once it is heard.</summary>
    Lost,
}

/// <summary>Another candidate of orders held here. The ledger knows which orders.</summary>
public sealed class Partner
{
    private readonly int[] orders = new int[Enum.GetValues<HoldingState>().Length];

    internal Partner(NodeId id, int number) => (Id, Number) = (id, number);

    public NodeId Id { get; }

    /// <summary>Its newest verified record; null: its URL is not known yet.</summary>
    public Signed<NodeRecord>? Record { get; internal set; }

    /// <summary>When it last sent a valid batch or a valid answer.</summary>
    public DateTimeOffset LastHeard { get; internal set; }

    /// <summary>When the supernodes were last asked whether it is dead.</summary>
    public DateTimeOffset LivenessCheckedAt { get; internal set; }

    /// <summary>Its number in the ledger's table of nodes.</summary>
    internal int Number { get; }

    /// <summary>The row of the ledger where the search for one of its orders continues.</summary>
    internal int SearchRow { get; set; }

    /// <summary>Since when it takes part in any order, so that it should be heard.</summary>
    internal DateTimeOffset ActiveSince { get; private set; }

    internal SnapshotQueue Snapshots { get; } = new();
    internal PendingShares Pending { get; } = new();

    /// <summary>The shares of the batch in flight.</summary>
    internal HashSet<(Hash32 Order, Hash20 Swarm)> InFlight { get; } = [];

    /// <summary>Addresses that it shared, with the time until which they count against their prefix.</summary>
    internal SortedDictionary<Hash20, Dictionary<Endpoint, DateTimeOffset>> SharedAddresses { get; } = [];

    internal bool IsInFlight { get; set; }
    internal int Failures { get; set; }
    internal DateTimeOffset RetryAt { get; set; }
    internal DateTimeOffset LastSent { get; set; }

    /// <summary>When its record was last searched for.</summary>
    internal DateTimeOffset SearchedAt { get; set; }

    internal long Boot { get; set; } = -1;

    /// <summary>The highest sequence number received from it.</summary>
    internal long LastSeq { get; set; }

    /// <summary>The sequence number of our own record that it has; -1: none.</summary>
    internal long RecordSent { get; set; } = -1;

    /// <summary>Whether it holds at least one order with this node now.</summary>
    public bool IsHolder => CountOf(HoldingState.Holding) > 0;

    /// <summary>The number of orders held here that name it.</summary>
    internal int Orders => orders.Sum();

    /// <summary>Whether it holds, or may hold, an order with this node.</summary>
    internal bool IsActive => CountOf(HoldingState.Holding) + CountOf(HoldingState.Untried) > 0;

    /// <summary>Whether it was heard within the last five minutes.</summary>
    public bool Answers(DateTimeOffset now) => LastHeard + FederationLimits.AnsweringWindow >= now;

    /// <summary>Whether it should have been heard for 10 minutes and was not.</summary>
    internal bool IsSilent(DateTimeOffset now) =>
        IsActive && now - (ActiveSince > LastHeard ? ActiveSince : LastHeard) >= FederationLimits.SilenceTimeout;

    internal int CountOf(HoldingState state) => orders[(int)state];

    /// <summary>Counts one order that changes from one state to another; null: it was, or is, in none.</summary>
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
