using Anatomic.Federation.Orders;
using Anatomic.Wire.Identity;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>Why a node rejected an order.</summary>
public enum OrderRejection
{
    /// <summary>The order was accepted.</summary>
    None,

    /// <summary>The body is not an order.</summary>
    Unreadable,

    /// <summary>The node accepts orders only with an access token.</summary>
    Token,

    /// <summary>The torrent is on the operator's deny list.</summary>
    Denied,

    /// <summary>The operator has an allow list, and the torrent is not on it.</summary>
    NotListed,

    /// <summary>This node is not a candidate of the order.</summary>
    NotCandidate,

    /// <summary>The planter has ended this order or a newer one.</summary>
    Ended,

    /// <summary>This node knows a newer order of the same planter.</summary>
    Newer,

    /// <summary>The order's time is ahead of this node's clock.</summary>
    Clock,

    /// <summary>The order is older than a day.</summary>
    Old,

    /// <summary>The order shows less work than the node requires.</summary>
    Work,

    /// <summary>The signature is not valid for the order's key.</summary>
    Signature,

    /// <summary>The carry is invalid.</summary>
    Carry,

    /// <summary>The node has reached the limit of orders that its operator set.</summary>
    Full,

    /// <summary>Too many orders came from one network within an hour.</summary>
    Quota,
}

/// <summary>Why a node no longer holds an order.</summary>
internal enum EndReason
{
    /// <summary>It had no peer for too long.</summary>
    Expired,

    /// <summary>It is on the operator's deny list now.</summary>
    Denied,

    /// <summary>It had more holders than the planter wanted, for a day.</summary>
    Surplus,

    /// <summary>Its planter ended it.</summary>
    Withdrawn,

    /// <summary>A newer order of its planter replaced it.</summary>
    Replaced,
}

/// <summary>Why a supernode does not list this node.</summary>
internal enum RegistrationFailure
{
    /// <summary>Its answer cannot be read.</summary>
    Unreadable,

    /// <summary>It rejected the record; the status page shows its message.</summary>
    Rejected,

    /// <summary>It cannot be reached, or has another id.</summary>
    Unreachable,

    /// <summary>The record could not be stored.</summary>
    Store,
}

/// <summary>Writes a node's events; docs/operating.md lists them.</summary>
internal sealed class NodeEvents(IEventLog events)
{
    public void Accepted(PlantEntry entry) =>
        events.Write(
            EventLevel.Info,
            "plant.accepted",
            EventField.Hash("order", entry.Digest),
            EventField.Hash("torrent", entry.FirstSwarm),
            EventField.Count("want", entry.Want)
        );

    // Anyone can cause rejections without limit, so they must not fill the disk at the default level.
    public void Rejected(OrderRejection reason) =>
        events.Write(EventLevel.Debug, "plant.rejected", EventField.Enum("reason", reason));

    public void Ended(PlantEntry entry, EndReason reason)
    {
        var order = EventField.Hash("order", entry.Digest);
        var torrent = EventField.Hash("torrent", entry.FirstSwarm);
        switch (reason)
        {
            case EndReason.Withdrawn:
                events.Write(EventLevel.Info, "plant.unplanted", order, torrent);
                break;
            case EndReason.Expired:
                events.Write(EventLevel.Info, "plant.expired", order, torrent);
                break;
            default:
                events.Write(EventLevel.Info, "plant.dropped", order, torrent, EventField.Enum("reason", reason));
                break;
        }
    }

    public void PartnerLost(NodeId partner) =>
        events.Write(EventLevel.Warning, "partner.lost", EventField.Id("node", partner));

    public void Carried(PlantEntry entry, NodeId to) =>
        events.Write(
            EventLevel.Info,
            "plant.carried",
            EventField.Hash("order", entry.Digest),
            EventField.Hash("torrent", entry.FirstSwarm),
            EventField.Id("node", to)
        );

    public void Registered(NodeId supernode) =>
        events.Write(EventLevel.Info, "supernode.registered", EventField.Id("node", supernode));

    public void RegistrationFailed(NodeId supernode, RegistrationFailure reason) =>
        events.Write(
            EventLevel.Warning,
            "supernode.registration-failed",
            EventField.Id("node", supernode),
            EventField.Enum("reason", reason)
        );

    public void StoreOpened(int plants, int lost) =>
        events.Write(
            lost > 0 ? EventLevel.Warning : EventLevel.Info,
            "store.opened",
            EventField.Count("plants", plants),
            EventField.Count("broken", lost)
        );

    public void StoreFailed(DiskException failure) =>
        events.Write(EventLevel.Error, "store.failed", EventField.Enum("reason", failure.Kind));
}
