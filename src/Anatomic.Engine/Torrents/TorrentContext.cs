using Anatomic.Engine.Extensions;
using Anatomic.Engine.Hashing;
using Anatomic.Engine.Limits;
using Anatomic.Engine.Peers;
using Anatomic.Engine.Picking;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>The state that the parts of one torrent share. Owned by the torrent's loop.</summary>
internal sealed class TorrentContext(SharedResources shared, AddTorrent add, ILoop loop, CancellationToken stop)
{
    public RateMeter Down;
    public RateMeter Up;

    /// <summary>The extensions of the peer protocol that the torrent's parts offer.</summary>
    public ExtensionRegistry Extensions { get; } = new();

    /// <summary>Received payload that was not kept.</summary>
    public DownloadTotals DownloadTotals { get; } = new();

    public SharedResources Shared { get; } = shared;
    public AddTorrent Add { get; } = add;
    public ILoop Loop { get; } = loop;
    public CancellationToken Stop { get; } = stop;
    public IWorld World => Shared.World;
    public DateTimeOffset Now => Shared.Now;

    public required Hash20? HashV1 { get; set; }
    public required Hash32? HashV2 { get; set; }

    public TorrentMetainfo? Metainfo { get; set; }
    public TorrentStorage? Storage { get; set; }

    /// <summary>The open files, read cache and check queue of the torrent's loop.</summary>
    public StorageResources Disk { get; } = shared.DiskOf(loop);
    public PieceVerifier? Verifier { get; set; }

    /// <summary>The pieces that are verified and written; null until the data was checked.</summary>
    public PieceSet? HavePieces { get; set; }

    /// <summary>The connected peers.</summary>
    public PeerSet Peers { get; } = new();

    public TorrentInfo Info => Metainfo!.Info;

    /// <summary>The ids by which trackers and peers know the torrent, v1 first.</summary>
    public IEnumerable<Hash20> SwarmIds
    {
        get
        {
            if (HashV1 is { } v1)
            {
                yield return v1;
            }
            if (HashV2 is { } v2)
            {
                yield return v2.Truncated;
            }
        }
    }
}
