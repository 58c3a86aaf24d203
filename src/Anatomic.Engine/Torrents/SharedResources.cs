using Anatomic.Engine.Connections;
using Anatomic.Engine.Limits;
using Anatomic.Engine.Resume;
using Anatomic.Engine.Saving;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Storage;
using Anatomic.Engine.Trackers;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>What all torrents of a session share. Every member may be used from any loop.</summary>
internal sealed class SharedResources(IWorld world, SessionOptions options, Hash20 peerId)
{
    private readonly DateTimeOffset started = world.Clock.GetUtcNow();
    private readonly long startedTimestamp = world.Clock.GetTimestamp();
    private int lastTorrentId;

    public IWorld World { get; } = world;
    public SessionOptions Options { get; } = options;
    public Hash20 PeerId { get; } = peerId;

    /// <summary>The rate limits of the session, its classes and torrents.</summary>
    public LimitTree Limits { get; } = NewLimits(world, options);

    /// <summary>Bytes of memory for pieces that are not written yet.</summary>
    public PieceMemory PieceMemory { get; } = new(options.PieceMemoryBytes);

    /// <summary>Bytes of memory for metadata that is not complete.</summary>
    public SharedBudget MetadataMemory { get; } = new(EngineLimits.MetadataMemoryBytes);

    /// <summary>Connections to peers, including dials in progress.</summary>
    public ConnectionSlots Connections { get; } =
        new(options.MaxPeers, options.MaxPeersPerHost, options.MaxPeersPerNetwork);

    /// <summary>Dials in progress.</summary>
    public SharedBudget Dials { get; } = new(EngineLimits.MaxSessionDials);

    /// <summary>Addresses that are neither dialled nor accepted.</summary>
    public BanList Bans { get; } = new();

    /// <summary>Addresses that are not accepted for a while: a peer there cost more than it transferred.</summary>
    public BanList Expelled { get; } = new();

    /// <summary>Memory for long messages that are incomplete.</summary>
    public SharedBudget LargeMessages { get; } = new(EngineLimits.MaxLargeMessageBytes);

    /// <summary>Opens connections to peers.</summary>
    public IPeerConnector Connector { get; } = new TcpConnector(world.Network);

    private readonly StorageResources[] disks = StorageResources.Divide(
        world.Disk,
        world.Loops.All.Count,
        options.MaxOpenFiles,
        options.ReadCacheBytes
    );

    /// <summary>Null when the session keeps no resume data.</summary>
    public ResumeStore? Resume { get; init; }

    /// <summary>Null when the session does not keep its torrents.</summary>
    public SessionStore? Store { get; init; }

    /// <summary>Has a torrent driven soon; called on the torrent's loop.</summary>
    public required Action<TorrentCore> Wake { get; init; }

    /// <summary>Has the queue decide again.</summary>
    public required Action QueueChanged { get; init; }

    /// <summary>Takes note that a torrent's second info-hash became known.</summary>
    public required Action<TorrentCore> IdentityChanged { get; init; }

    /// <summary>Publishes what changed about a torrent.</summary>
    public required Action<Torrent, TorrentSlices, TorrentEvent?> Changed { get; init; }

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

    /// <summary>Announces for all torrents.</summary>
    public TrackerService Trackers { get; } = new(world, new AnnounceIdentity(world, peerId), options.AllowPrivate);

    /// <summary>
    /// The time by which timeouts and intervals are measured. It starts as the wall clock's, but does not jump with it.
    /// </summary>
    public DateTimeOffset Now => started + World.Clock.GetElapsedTime(startedTimestamp);

    /// <summary>A new number for a torrent.</summary>
    public int NextTorrentId() => Interlocked.Increment(ref lastTorrentId);

    private static LimitTree NewLimits(IWorld world, SessionOptions options)
    {
        var tree = new LimitTree(world.Clock);
        tree.Session.SetLimits(options.MaxDownloadBytesPerSecond, options.MaxUploadBytesPerSecond);
        return tree;
    }
}
