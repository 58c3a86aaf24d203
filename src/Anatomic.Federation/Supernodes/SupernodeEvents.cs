using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>Writes a supernode's events; docs/operating.md lists them.</summary>
internal sealed class SupernodeEvents(IEventLog events)
{
    private bool isIsolated;

    public void StoreOpened(int members, int orders) =>
        events.Write(
            EventLevel.Info,
            "store.opened",
            EventField.Count("members", members),
            EventField.Count("entries", orders)
        );

    public void StoreFailed(DiskException failure) =>
        events.Write(EventLevel.Error, "store.failed", EventField.Enum("reason", failure.Kind));

    public void MemberAdded(NodeId member, NodeRole role) =>
        events.Write(EventLevel.Info, "member.added", EventField.Id("node", member), EventField.Enum("role", role));

    public void MemberDead(NodeId member, NodeRole role) =>
        events.Write(EventLevel.Warning, "member.dead", EventField.Id("node", member), EventField.Enum("role", role));

    /// <summary>Writes an event when the state changes.</summary>
    public void SetIsolated(bool value)
    {
        if (value == isIsolated)
        {
            return;
        }
        isIsolated = value;
        if (value)
        {
            events.Write(EventLevel.Warning, "self.isolated");
        }
        else
        {
            events.Write(EventLevel.Info, "self.reconnected");
        }
    }
}
