using Anatomic.Federation.Orders;
using Anatomic.Wire.Identity;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>Why an offered order was not taken.</summary>
public enum OrderRejection
{
    /// <summary>It was taken.</summary>
    None,

    /// <summary>It is no order, or one of another network.</summary>
    Unreadable,

    /// <summary>The operator takes orders only with a token.</summary>
    Token,

    /// <summary>The torrent is on the operator's deny list.</summary>
    Denied,

    /// <summary>The operator has an allow list, and the torrent is not on it.</summary>
    NotListed,

    /// <summary>This node is not a candidate of the order.</summary>
    NotCandidate,

    /// <summary>Its planter has ended it, or a newer one.</summary>
    Ended,

    /// <summary>A newer order of the same planter is known.</summary>
    Newer,

    /// <summary>Its time is ahead of this node's clock.</summary>
    Clock,

    /// <summary>It is older than a day.</summary>
    Old,

    /// <summary>It shows less work than is demanded.</summary>
    Work,

    /// <summary>The signature is not that of its key.</summary>
    Signature,

    /// <summary>What another candidate sent along does not fit it.</summary>
    Carry,

    /// <summary>The node holds as many orders as its operator allows.</summary>
    Full,

    /// <summary>Too many came from one network within an hour.</summary>
    Quota,
}

/// <summary>Why an order is not held any more.</summary>
internal enum EndReason
{
    /// <summary>Without a peer for too long.</summary>
    Expired,

    /// <summary>On the operator's deny list now.</summary>
    Denied,

    /// <summary>More holders than the planter wanted, for a day.</summary>
    Surplus,

    /// <summary>Its planter has ended it.</summary>
    Withdrawn,

    /// <summary>A newer order of its planter took its place.</summary>
    Replaced,
}

/// <summary>Why a supernode does not list this node.</summary>
internal enum RegistrationFailure
{
    /// <summary>Its answer cannot be read.</summary>
    Unreadable,

    /// <summary>It says no; its words are on the status page.</summary>
    Refused,

    /// <summary>It cannot be reached, or is somebody else.</summary>
    OutOfReach,

    /// <summary>The record cannot be written to the store.</summary>
    Store,
}

/// <summary>The events of a node, each with its facts.</summary>
internal sealed class NodeEvents(IEventLog events)
{
    public void Taken(PlantEntry entry) =>
        events.Write(
            EventLevel.Info,
            "plant.accepted",
            EventField.Hash("order", entry.Digest),
            EventField.Hash("torrent", entry.FirstSwarm),
            EventField.Count("want", entry.Want)
        );

    // Anybody can send what is refused, as often as they like: the log must not fill the disk with it.
    public void Refused(OrderRejection reason) =>
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

    public void Lost(NodeId partner) =>
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

    public void Unregistered(NodeId supernode, RegistrationFailure trouble) =>
        events.Write(
            EventLevel.Warning,
            "supernode.registration-failed",
            EventField.Id("node", supernode),
            EventField.Enum("reason", trouble)
        );

    public void StoreOpened(int plants, int lost) =>
        events.Write(
            lost > 0 ? EventLevel.Warning : EventLevel.Info,
            "store.opened",
            EventField.Count("plants", plants),
            EventField.Count("broken", lost)
        );

    public void StoreTrouble(DiskException failure) =>
        events.Write(EventLevel.Error, "store.failed", EventField.Enum("reason", failure.Kind));
}
