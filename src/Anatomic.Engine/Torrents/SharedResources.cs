using Anatomic.Engine.Limits;
using Anatomic.Engine.Resume;
using Anatomic.Engine.Settings;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>What a session gives its torrents. Everything in it may be used from any loop.</summary>
internal sealed class SharedResources(IWorld world, SessionOptions options, Hash20 peerId)
{
    public IWorld World { get; } = world;
    public SessionOptions Options { get; } = options;
    public Hash20 PeerId { get; } = peerId;
    public RateLimiter Down { get; } = new(options.MaxDownloadBytesPerSecond, world.Clock);
    public RateLimiter Up { get; } = new(options.MaxUploadBytesPerSecond, world.Clock);
    public SharedBudget PieceBudget { get; } = new(options.PieceMemoryBytes);
    public SharedBudget Connections { get; } = new(options.MaxPeers);

    /// <summary>Null when nothing is remembered.</summary>
    public ResumeStore? Resume { get; init; }

    /// <summary>The port that trackers and peers are told; 0 when nothing listens.</summary>
    public int Port { get; set; }

    public DateTimeOffset Now => World.Clock.GetUtcNow();
}
