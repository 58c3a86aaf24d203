using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>What a host is, in its journal.</summary>
internal enum HostRole
{
    Node,
    Supernode,
}

/// <summary>The life of a host, as its operator is told of it.</summary>
internal sealed class HostJournal(IJournal journal, HostRole role)
{
    private static readonly Version Unknown = new(0, 0);

    public void Started(NodeId id, NetworkName network) =>
        journal.Write(
            JournalLevel.Info,
            "started",
            JournalFact.Word("role", role),
            JournalFact.Id("id", id),
            JournalFact.Network("network", network),
            JournalFact.Version("version", typeof(HostJournal).Assembly.GetName().Version ?? Unknown)
        );

    /// <summary>The port alone: the address may be one that others know this machine's owner by.</summary>
    public void Listening(Servings servings)
    {
        foreach (var endpoint in servings.Http)
        {
            journal.Write(JournalLevel.Info, "listening", JournalFact.Count("port", endpoint.Port));
        }
    }

    public void SnapshotLoaded(long peers) =>
        journal.Write(JournalLevel.Info, "snapshot.loaded", JournalFact.Count("peers", peers));

    public void SnapshotRefused() => journal.Write(JournalLevel.Warning, "snapshot.refused");

    public void SnapshotSaved(long peers) =>
        journal.Write(JournalLevel.Info, "snapshot.saved", JournalFact.Count("peers", peers));

    public void SnapshotNotSaved() => journal.Write(JournalLevel.Error, "snapshot.not-saved");

    public void Stopping() => journal.Write(JournalLevel.Info, "stopping");

    public void Stopped(TimeSpan took) =>
        journal.Write(JournalLevel.Info, "stopped", JournalFact.Milliseconds("tookMs", took));
}
