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

    /// <summary>The port alone: the address may be one that others know this machine's owner by.</summary>
    public void Listening(BoundServers servers)
    {
        foreach (var endpoint in servers.Http)
        {
            events.Write(EventLevel.Info, "listening", EventField.Count("port", endpoint.Port));
        }
    }

    public void SnapshotLoaded(long peers) =>
        events.Write(EventLevel.Info, "snapshot.loaded", EventField.Count("peers", peers));

    public void SnapshotRefused() => events.Write(EventLevel.Warning, "snapshot.refused");

    public void SnapshotSaved(long peers) =>
        events.Write(EventLevel.Info, "snapshot.saved", EventField.Count("peers", peers));

    public void SnapshotNotSaved() => events.Write(EventLevel.Error, "snapshot.not-saved");

    public void Stopping() => events.Write(EventLevel.Info, "stopping");

    public void Stopped(TimeSpan took) =>
        events.Write(EventLevel.Info, "stopped", EventField.Milliseconds("tookMs", took));
}
