using Anatomic.Engine.Hashing;
using Anatomic.Engine.Limits;
using Anatomic.Engine.Peers;
using Anatomic.Engine.Settings;
using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>What the parts of one torrent share. Owned by the torrent's loop.</summary>
internal sealed class TorrentContext(SharedResources share, AddTorrent add, ILoop loop, CancellationToken stop)
{
    public RateMeter Down;
    public RateMeter Up;

    public SharedResources Share { get; } = share;
    public AddTorrent Add { get; } = add;
    public ILoop Loop { get; } = loop;
    public CancellationToken Stop { get; } = stop;
    public IWorld World => Share.World;
    public DateTimeOffset Now => Share.Now;
    public Entropy Entropy { get; } = share.World.Entropy.Fork("torrent");

    public required Hash20? HashV1 { get; set; }
    public required Hash32? HashV2 { get; set; }

    public TorrentMetainfo? Metainfo { get; set; }
    public TorrentStorage? Storage { get; set; }
    public PieceVerifier? Verifier { get; set; }

    /// <summary>Pieces that are verified and written; null until the data was checked.</summary>
    public PieceSet? Had { get; set; }

    /// <summary>
    /// Every connected peer that has shaken hands, in the order of their numbers. The list is never changed, but replaced:
    /// whoever goes through it may drop a peer, which leaves at once.
    /// </summary>
    public List<Peer> Peers { get; private set; } = [];

    public TorrentInfo Info => Metainfo!.Info;

    /// <summary>Ids by which trackers and peers know the torrent, v1 first.</summary>
    public IEnumerable<Hash20> Swarms
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

    public void Join(Peer peer) => Peers = [.. Peers, peer];

    public void Leave(Peer peer) => Peers = [.. Peers.Where(other => other != peer)];

    public Peer? PeerOf(int number)
    {
        foreach (var peer in Peers)
        {
            if (peer.Number == number)
            {
                return peer;
            }
        }
        return null;
    }
}
