using Anatomic.Engine.Resume;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Sessions;

/// <summary>What a session gives its torrents. Everything in it may be used from any loop.</summary>
internal sealed class SessionShare(IWorld world, SessionOptions options, Hash20 peerId)
{
    public IWorld World { get; } = world;
    public SessionOptions Options { get; } = options;
    public Hash20 PeerId { get; } = peerId;
    public RateBucket Down { get; } = new(options.MaxDownBytesPerSecond, world.Clock);
    public RateBucket Up { get; } = new(options.MaxUpBytesPerSecond, world.Clock);
    public SharedBudget PieceMemory { get; } = new(options.PieceMemoryBytes);
    public SharedBudget Connections { get; } = new(options.MaxPeers);

    /// <summary>Null when nothing is remembered.</summary>
    public ResumeStore? Resume { get; init; }

    /// <summary>The port that trackers and peers are told; 0 when nothing listens.</summary>
    public int Port { get; set; }

    public DateTimeOffset Now => World.Clock.GetUtcNow();
}
