using Anatomic.Federation.Lookup;
using Anatomic.Federation.Monitoring;
using Anatomic.Federation.Orders;
using Anatomic.Federation.Outbound;
using Anatomic.Federation.Sharing;
using Anatomic.Federation.Signing;
using Anatomic.Wire.Identity;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>What the parts of one node share. Only the node's loop uses it.</summary>
internal sealed class NodeCore
{
    public required IWorld World { get; init; }
    public required NodeOptions Options { get; init; }
    public required ITrackedSwarms Swarms { get; init; }
    public required INodeDirectory NodeDirectory { get; init; }
    public required PublicHttpClient Http { get; init; }
    public required ProvenSupernodeClient Supernodes { get; init; }
    public required ItemSigner Signer { get; init; }
    public required ItemReader Reader { get; init; }
    public required PlantStore Store { get; init; }
    public required Registration Registration { get; init; }
    public required PeerSharingState Sharing { get; init; }
    public required HolderMonitor Holders { get; init; }

    /// <summary>A random number of this start. Partners recognise a restart by it.</summary>
    public required long Boot { get; init; }

    public required NodeEvents Events { get; init; }

    public NodeCounters Counters { get; } = new();

    public TrackerHistory History { get; } = new();

    public PlantLedger Ledger => Store.Ledger;

    public NodeId Id => Signer.Id;

    public DateTimeOffset Now => World.Clock.GetUtcNow();
}

/// <summary>Counts since the start, for the metrics.</summary>
internal sealed class NodeCounters
{
    public DateTimeOffset StartedAt { get; set; }
    public long OrdersAccepted { get; set; }

    /// <summary>Indexed by <see cref="OrderRejection"/>.</summary>
    public long[] OrdersRejected { get; } = new long[Enum.GetValues<OrderRejection>().Length];

    public void Reject(OrderRejection reason) => OrdersRejected[(int)reason]++;

    public long BatchesSent { get; set; }
    public long BatchesFailed { get; set; }
    public long BatchesAccepted { get; set; }
    public long BatchesRejected { get; set; }
    public long PartnersLost { get; set; }
    public long Carries { get; set; }
    public long ManifestPolls { get; set; }
}
