using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>The events of a supernode, each with its facts.</summary>
internal sealed class SupernodeEvents(IEventLog events)
{
    private bool suspectsItself;

    public void StoreOpened(int members, int orders) =>
        events.Write(
            EventLevel.Info,
            "store.opened",
            EventField.Count("members", members),
            EventField.Count("entries", orders)
        );

    public void StoreTrouble(DiskException failure) =>
        events.Write(EventLevel.Error, "store.failed", EventField.Enum("reason", failure.Kind));

    public void Taken(NodeId member, NodeRole role) =>
        events.Write(EventLevel.Info, "member.added", EventField.Id("node", member), EventField.Enum("role", role));

    public void Dead(NodeId member, NodeRole role) =>
        events.Write(EventLevel.Warning, "member.dead", EventField.Id("node", member), EventField.Enum("role", role));

    /// <summary>Tells only of changes.</summary>
    public void Suspects(bool itself)
    {
        if (itself == suspectsItself)
        {
            return;
        }
        suspectsItself = itself;
        if (itself)
        {
            events.Write(EventLevel.Warning, "self.isolated");
        }
        else
        {
            events.Write(EventLevel.Info, "self.reconnected");
        }
    }
}
