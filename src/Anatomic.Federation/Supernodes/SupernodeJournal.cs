using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>The events of a supernode, each with its facts.</summary>
internal sealed class SupernodeJournal(IJournal journal)
{
    private bool suspectsItself;

    public void StoreOpened(int members, int orders) =>
        journal.Write(
            JournalLevel.Info,
            "store.opened",
            JournalFact.Count("members", members),
            JournalFact.Count("entries", orders)
        );

    public void StoreTrouble(DiskException failure) =>
        journal.Write(JournalLevel.Error, "store.trouble", JournalFact.Word("reason", failure.Kind));

    public void Taken(NodeId member, NodeRole role) =>
        journal.Write(
            JournalLevel.Info,
            "member.taken",
            JournalFact.Id("node", member),
            JournalFact.Word("role", role)
        );

    public void Dead(NodeId member, NodeRole role) =>
        journal.Write(
            JournalLevel.Warning,
            "member.dead",
            JournalFact.Id("node", member),
            JournalFact.Word("role", role)
        );

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
            journal.Write(JournalLevel.Warning, "self.cut-off");
        }
        else
        {
            journal.Write(JournalLevel.Info, "self.reachable");
        }
    }
}
