using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>Who we are to trackers. One for all torrents of a session; may be used from any loop.</summary>
internal sealed class AnnounceIdentity(IWorld world, Hash20 peerId)
{
    private readonly DateTimeOffset started = world.Clock.GetUtcNow();
    private readonly long startedTimestamp = world.Clock.GetTimestamp();

    public Hash20 PeerId => peerId;

    /// <summary>The port announced; 1 when we do not listen, because trackers reject 0.</summary>
    public ushort Port { get; private set; } = 1;

    /// <summary>Identifies us to a tracker when our address changes (BEP 7, BEP 15).</summary>
    public uint Key { get; } = (uint)world.Entropy.Fork("announce key").NextUInt64();

    public Entropy Entropy { get; } = world.Entropy.Fork("announcing");

    /// <summary>For timers.</summary>
    public TimeProvider Clock => world.Clock;

    /// <summary>
    /// The time by which intervals are measured. It starts as the wall clock's, but does not jump with it.
    /// </summary>
    public DateTimeOffset Now => started + world.Clock.GetElapsedTime(startedTimestamp);

    /// <summary>Sets the port that is announced, before the first announce.</summary>
    /// <param name="port">0: the session does not listen.</param>
    public void ListenOn(int port) => Port = (ushort)(port == 0 ? 1 : port);
}
