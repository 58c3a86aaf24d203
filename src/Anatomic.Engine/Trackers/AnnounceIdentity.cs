using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Trackers;

/// <summary>Who we are to trackers. One for all torrents of a session; may be used from any loop.</summary>
/// <param name="port">The port on which the session listens; 0: none.</param>
internal sealed class AnnounceIdentity(IWorld world, Hash20 peerId, int port)
{
    public Hash20 PeerId => peerId;

    /// <summary>The port announced; 1 when we do not listen, because trackers reject 0.</summary>
    public ushort Port { get; } = (ushort)(port == 0 ? 1 : port);

    /// <summary>Identifies us to a tracker when our address changes (BEP 7, BEP 15).</summary>
    public uint Key { get; } = (uint)world.Entropy.Fork("announce key").NextUInt64();

    public Entropy Entropy { get; } = world.Entropy.Fork("announcing");

    public TimeProvider Clock => world.Clock;

    public DateTimeOffset Now => world.Clock.GetUtcNow();
}
