using Anatomic.Engine.Limits;
using Anatomic.Engine.Resume;
using Anatomic.Engine.Settings;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>What all torrents of a session share. Every member may be used from any loop.</summary>
internal sealed class SharedResources(IWorld world, SessionOptions options, Hash20 peerId)
{
    public IWorld World { get; } = world;
    public SessionOptions Options { get; } = options;
    public Hash20 PeerId { get; } = peerId;
    public RateLimiter Down { get; } = new(options.MaxDownloadBytesPerSecond, world.Clock);
    public RateLimiter Up { get; } = new(options.MaxUploadBytesPerSecond, world.Clock);

    /// <summary>Bytes of memory for pieces that are not written yet.</summary>
    public PieceMemory PieceMemory { get; } = new(options.PieceMemoryBytes);

    /// <summary>Connections to peers, including dials in progress.</summary>
    public SharedBudget Connections { get; } = new(options.MaxPeers);

    /// <summary>Null when the session keeps no resume data.</summary>
    public ResumeStore? Resume { get; init; }

    /// <summary>The port announced to trackers and peers; 0 when the session does not listen.</summary>
    public int Port { get; set; }

    public DateTimeOffset Now => World.Clock.GetUtcNow();
}
