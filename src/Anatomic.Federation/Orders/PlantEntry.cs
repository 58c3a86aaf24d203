using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Orders;

/// <summary>
/// One order in a node's ledger, live or ended, as a value: the ledger makes one whenever somebody asks. The signed bodies stay
/// in the store.
/// </summary>
public sealed record PlantEntry
{
    /// <summary>Digest of the order.</summary>
    public required Hash32 Digest { get; init; }

    public required NodeId Signer { get; init; }

    /// <summary>One or two swarm ids.</summary>
    public required IReadOnlyList<Hash20> Swarms { get; init; }

    /// <summary>In placement order; the ledger forgets them when the order ends.</summary>
    public required IReadOnlyList<NodeId> Candidates { get; init; }

    /// <summary>How many nodes shall hold it.</summary>
    public required int Want { get; init; }

    /// <summary>Unix milliseconds: the order's own time.</summary>
    public required long At { get; init; }

    public required ManifestOp Op { get; init; }

    /// <summary>Its number in the manifest; set by the ledger.</summary>
    public long Seq { get; init; }

    /// <summary>Why it is no longer held, unless it is live.</summary>
    public NotHeldReason Reason { get; init; } = NotHeldReason.Unknown;

    /// <summary>Unix milliseconds of the last change; the ledger keeps it to the second.</summary>
    public required long Since { get; init; }

    /// <summary>Unix milliseconds when somebody last announced, to the day; the time of planting at first.</summary>
    public required long LastPeer { get; init; }

    public bool IsLive => Op == ManifestOp.Planted;

    public Hash20 FirstSwarm => Swarms[0];

    /// <summary>An order that has just become what <paramref name="op"/> says.</summary>
    /// <param name="order">The order.</param>
    /// <param name="op">What happened.</param>
    /// <param name="now">Unix milliseconds.</param>
    public static PlantEntry Of(Signed<PlantOrder> order, ManifestOp op, long now) =>
        new()
        {
            Digest = order.Digest,
            Signer = order.Signer,
            Swarms = order.Item.Swarms,
            Candidates = order.Item.Candidates,
            Want = order.Item.Want,
            At = order.Item.At,
            Op = op,
            Since = now,
            LastPeer = now,
        };

    /// <summary>By what it says, lists included.</summary>
    public bool Equals(PlantEntry? other) =>
        other is not null
        && (Digest, Signer, Want, At) == (other.Digest, other.Signer, other.Want, other.At)
        && (Op, Seq, Reason, Since, LastPeer) == (other.Op, other.Seq, other.Reason, other.Since, other.LastPeer)
        && Swarms.SequenceEqual(other.Swarms)
        && Candidates.SequenceEqual(other.Candidates);

    public override int GetHashCode() => Digest.GetHashCode();
}
