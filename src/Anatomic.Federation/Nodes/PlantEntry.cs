using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Nodes;

/// <summary>One order in a node's ledger, live or ended; the signed bodies stay in the store.</summary>
public sealed record PlantEntry
{
    /// <summary>Digest of the order.</summary>
    public required Hash32 Digest { get; init; }

    public required NodeId Signer { get; init; }

    public required PlantOrder Order { get; init; }

    public required ManifestOp Op { get; init; }

    /// <summary>Its number in the manifest; set by the ledger.</summary>
    public long Seq { get; init; }

    /// <summary>Why it is no longer held, unless it is live.</summary>
    public NotHeldReason Reason { get; init; } = NotHeldReason.Unknown;

    /// <summary>Unix milliseconds of the last change.</summary>
    public required long Since { get; init; }

    /// <summary>Unix milliseconds when somebody last announced, to the day; the time of planting at first.</summary>
    public required long LastPeer { get; init; }

    public bool IsLive => Op == ManifestOp.Planted;

    public Hash20 FirstSwarm => Order.Swarms[0];
}
