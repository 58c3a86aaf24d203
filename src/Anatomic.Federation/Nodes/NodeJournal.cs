using Anatomic.Wire.Identity;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>Why an offered order was not taken.</summary>
public enum OfferRefusal
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
internal enum PlantEnd
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
internal enum RegistrationTrouble
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
internal sealed class NodeJournal(IJournal journal)
{
    public void Taken(PlantEntry entry) =>
        journal.Write(
            JournalLevel.Info,
            "plant.taken",
            JournalFact.Hash("order", entry.Digest),
            JournalFact.Hash("torrent", entry.FirstSwarm),
            JournalFact.Count("want", entry.Want)
        );

    // Anybody can send what is refused, as often as they like: the log must not fill the disk with it.
    public void Refused(OfferRefusal reason) =>
        journal.Write(JournalLevel.Debug, "plant.refused", JournalFact.Word("reason", reason));

    public void Ended(PlantEntry entry, PlantEnd reason)
    {
        var order = JournalFact.Hash("order", entry.Digest);
        var torrent = JournalFact.Hash("torrent", entry.FirstSwarm);
        switch (reason)
        {
            case PlantEnd.Withdrawn:
                journal.Write(JournalLevel.Info, "plant.withdrawn", order, torrent);
                break;
            case PlantEnd.Expired:
                journal.Write(JournalLevel.Info, "plant.expired", order, torrent);
                break;
            default:
                journal.Write(JournalLevel.Info, "plant.dropped", order, torrent, JournalFact.Word("reason", reason));
                break;
        }
    }

    public void Lost(NodeId partner) =>
        journal.Write(JournalLevel.Warning, "partner.lost", JournalFact.Id("node", partner));

    public void Carried(PlantEntry entry, NodeId to) =>
        journal.Write(
            JournalLevel.Info,
            "plant.carried",
            JournalFact.Hash("order", entry.Digest),
            JournalFact.Hash("torrent", entry.FirstSwarm),
            JournalFact.Id("node", to)
        );

    public void Registered(NodeId supernode) =>
        journal.Write(JournalLevel.Info, "supernode.registered", JournalFact.Id("node", supernode));

    public void Unregistered(NodeId supernode, RegistrationTrouble trouble) =>
        journal.Write(
            JournalLevel.Warning,
            "supernode.trouble",
            JournalFact.Id("node", supernode),
            JournalFact.Word("reason", trouble)
        );

    public void StoreOpened(int plants, int lost) =>
        journal.Write(
            lost > 0 ? JournalLevel.Warning : JournalLevel.Info,
            "store.opened",
            JournalFact.Count("plants", plants),
            JournalFact.Count("broken", lost)
        );

    public void StoreTrouble(DiskException failure) =>
        journal.Write(JournalLevel.Error, "store.trouble", JournalFact.Word("reason", failure.Kind));
}
