using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Hosting;

/// <summary>What a host is, in its event log.</summary>
internal enum HostRole
{
    Node,
    Supernode,
}

/// <summary>Logs the start and end of a host, for its operator.</summary>
internal sealed class HostEvents(IEventLog events, HostRole role)
{
    private static readonly Version Unknown = new(0, 0);

    public void Started(NodeId id, NetworkName network) =>
        events.Write(
            EventLevel.Info,
            "started",
            EventField.Enum("role", role),
            EventField.Id("id", id),
            EventField.Network("network", network),
            EventField.Version("version", typeof(HostEvents).Assembly.GetName().Version ?? Unknown)
        );

    /// <summary>Logs the port only: the address may identify the machine's owner.</summary>
    public void Listening(BoundServers servers)
    {
        foreach (var endpoint in servers.Http)
        {
            events.Write(EventLevel.Info, "listening", EventField.Count("port", endpoint.Port));
        }
    }

    public void SnapshotLoaded(long peers) =>
        events.Write(EventLevel.Info, "snapshot.loaded", EventField.Count("peers", peers));

    public void SnapshotRejected() => events.Write(EventLevel.Warning, "snapshot.rejected");

    public void SnapshotSaved(long peers) =>
        events.Write(EventLevel.Info, "snapshot.saved", EventField.Count("peers", peers));

    public void SnapshotSaveFailed() => events.Write(EventLevel.Error, "snapshot.save-failed");

    public void Stopping() => events.Write(EventLevel.Info, "stopping");

    public void Stopped(TimeSpan duration) =>
        events.Write(EventLevel.Info, "stopped", EventField.Milliseconds("tookMs", duration));
}
