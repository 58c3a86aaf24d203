using Anatomic.Engine.Limits;
using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Tests.Peers;

/// <summary>Peers on scripted connections.</summary>
internal static class TestPeer
{
    public static Peer On(IConnection connection, int number = 1) =>
        new(
            number,
            new PeerConnection(
                connection,
                new LimitNode(parent: null, new FrozenClock()),
                static () => DateTimeOffset.UnixEpoch,
                CancellationToken.None
            ),
            new Handshake(default, default, PeerFeatures.Fast | PeerFeatures.Extended),
            candidate: null,
            DateTimeOffset.UnixEpoch
        );
}

/// <summary>A clock that stands still, with no timers.</summary>
internal sealed class FrozenClock : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
}
