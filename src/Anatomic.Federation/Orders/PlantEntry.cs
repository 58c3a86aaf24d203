using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Orders;

/// <summary>
/// An entry of the ledger as a value: one order, live or ended. The ledger builds it on request; the signed order and
/// unplant are in the store.
/// </summary>
public sealed record PlantEntry
{
    /// <summary>The order's digest.</summary>
    public required Hash32 Digest { get; init; }

    public required NodeId Signer { get; init; }

    /// <summary>The order's one or two swarm ids.</summary>
    public required IReadOnlyList<Hash20> Swarms { get; init; }

    /// <summary>The candidates in placement order; empty after the order has ended.</summary>
    public required IReadOnlyList<NodeId> Candidates { get; init; }

    /// <summary>The number of holders wanted.</summary>
    public required int Want { get; init; }

    /// <summary>The order's own time, in Unix milliseconds.</summary>
    public required long At { get; init; }

    public required ManifestOp Op { get; init; }

    /// <summary>Its sequence number in the manifest, set by the ledger.</summary>
    public long Seq { get; init; }

    /// <summary>Why the order is no longer held; without meaning while it is live.</summary>
    public NotHeldReason Reason { get; init; } = NotHeldReason.Unknown;

    /// <summary>Unix milliseconds of the last change; the ledger keeps full seconds.</summary>
    public required long Since { get; init; }

    /// <summary>Unix milliseconds of the last announce, precise to a day; at first the time of planting.</summary>
    public required long LastPeer { get; init; }

    public bool IsLive => Op == ManifestOp.Planted;

    public Hash20 FirstSwarm => Swarms[0];

    /// <summary>The entry of an order whose state changes now.</summary>
    /// <param name="op">The new state.</param>
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

    /// <summary>Compares all values, including the elements of the lists.</summary>
    public bool Equals(PlantEntry? other) =>
        other is not null
        && (Digest, Signer, Want, At) == (other.Digest, other.Signer, other.Want, other.At)
        && (Op, Seq, Reason, Since, LastPeer) == (other.Op, other.Seq, other.Reason, other.Since, other.LastPeer)
        && Swarms.SequenceEqual(other.Swarms)
        && Candidates.SequenceEqual(other.Candidates);

    public override int GetHashCode() => Digest.GetHashCode();
}
