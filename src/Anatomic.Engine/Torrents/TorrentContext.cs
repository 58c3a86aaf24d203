using Anatomic.Engine.Extensions;
using Anatomic.Engine.Hashing;
using Anatomic.Engine.Limits;
using Anatomic.Engine.Peers;
using Anatomic.Engine.Picking;
using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>The state that the parts of one running torrent share. Owned by the torrent's loop.</summary>
internal sealed class TorrentContext(SharedResources shared, ILoop loop, CancellationToken stop)
{
    public RateMeter Down;
    public RateMeter Up;

    /// <summary>The extensions of the peer protocol that the torrent's parts offer.</summary>
    public ExtensionRegistry Extensions { get; } = new();

    /// <summary>Received payload that was not kept.</summary>
    public DownloadTotals DownloadTotals { get; } = new();

    public SharedResources Shared { get; } = shared;
    public ILoop Loop { get; } = loop;

    /// <summary>Cancelled when the torrent stops or goes idle.</summary>
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
    public IEnumerable<Hash20> SwarmIds => SwarmIdsOf(HashV1, HashV2);

    /// <summary>The v1 info-hash, then the truncated v2 info-hash, of those that are not null.</summary>
    public static IEnumerable<Hash20> SwarmIdsOf(Hash20? hashV1, Hash32? hashV2)
    {
        if (hashV1 is { } v1)
        {
            yield return v1;
        }
        if (hashV2 is { } v2)
        {
            yield return v2.Truncated;
        }
    }
}
