using Anatomic.Engine.Limits;
using Anatomic.Engine.Resume;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Storage;
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

    /// <summary>Bytes of memory for metadata that is not complete.</summary>
    public SharedBudget MetadataMemory { get; } = new(EngineLimits.MetadataMemoryBytes);

    /// <summary>Connections to peers, including dials in progress.</summary>
    public SharedBudget Connections { get; } = new(options.MaxPeers);

    private readonly StorageResources[] disks = StorageResources.Divide(
        world.Disk,
        world.Loops.All.Count,
        options.MaxOpenFiles,
        options.ReadCacheBytes
    );

    /// <summary>The session's store; null when it keeps no resume data.</summary>
    public IStore? Store { get; init; }

    /// <summary>Null when the session keeps no resume data.</summary>
    public ResumeStore? Resume { get; init; }

    /// <summary>The port announced to trackers and peers; 0 when the session does not listen.</summary>
    public int Port { get; set; }

    /// <summary>What the torrents of a loop share to reach their data.</summary>
    public StorageResources DiskOf(ILoop loop)
    {
        for (var i = 0; i < disks.Length; i++)
        {
            if (ReferenceEquals(World.Loops.All[i], loop))
            {
                return disks[i];
            }
        }
        throw new InvalidOperationException("The loop does not belong to the session's world.");
    }

    public DateTimeOffset Now => World.Clock.GetUtcNow();
}
