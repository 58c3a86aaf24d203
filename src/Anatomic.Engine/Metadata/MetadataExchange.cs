using System.Security.Cryptography;
using Anatomic.Engine.Peers;
using Anatomic.Engine.Torrents;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Metadata;

/// <summary>Fetches the info dictionary of a magnet from peers and gives it to others (BEP 9).</summary>
internal sealed class MetadataExchange(TorrentContext torrent)
{
    /// <summary>Our id for metadata messages, told in the extended handshake (BEP 10).</summary>
    public const byte LocalId = 1;

    /// <summary>Peers asked at the same time: one may be slow.</summary>
    private const int MaxPeers = 3;

    private readonly Dictionary<int, MetadataDownload> downloads = [];

    /// <summary>Called with the verified info dictionary.</summary>
    public required Action<TorrentInfo> Known { get; init; }

    /// <summary>Called when the info dictionary is the right one and yet of no use; the torrent cannot go on.</summary>
    public required Action<string> Unusable { get; init; }

    /// <summary>Asks peers as long as the metadata is unknown.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (torrent.Metainfo is not null)
        {
            return;
        }
        foreach (var peer in torrent.Peers)
        {
            if (downloads.TryGetValue(peer.Number, out var download))
            {
                if (now - download.LastProgress > EngineLimits.MetadataRequestTimeout)
                {
                    peer.Drop("the peer promised metadata and does not give it");
                }
            }
            else
            {
                Consider(peer);
            }
        }
    }

    /// <summary>A peer has said what it can do.</summary>
    public void Consider(Peer peer)
    {
        if (
            torrent.Metainfo is null
            && downloads.Count < MaxPeers
            && peer.Extended is { MetadataId: > 0, MetadataBytes: { } length }
            && downloads.TryAdd(peer.Number, new MetadataDownload(length, torrent.Now))
        )
        {
            Ask(peer, downloads[peer.Number]);
        }
    }

    public void PeerGone(Peer peer) => downloads.Remove(peer.Number);

    /// <summary>A metadata message; the fault ends the connection.</summary>
    public Fault? Handle(Peer peer, ReadOnlyMemory<byte> payload)
    {
        if (!MetadataMessage.TryRead(payload, out var message, out var fault))
        {
            return fault;
        }
        switch (message.Kind)
        {
            case MetadataKind.Request:
                Answer(peer, message.Piece);
                return null;
            case MetadataKind.Data when downloads.TryGetValue(peer.Number, out var download):
                return Take(peer, download, message);
            case MetadataKind.Reject:
                if (downloads.Remove(peer.Number))
                {
                    peer.Extended = peer.Extended! with { MetadataBytes = null };
                }
                return null;
            default:
                return null;
        }
    }

    private static void Ask(Peer peer, MetadataDownload download)
    {
        while (download.Next() is >= 0 and var piece)
        {
            PeerMessageWriter.Extended(
                peer.Wire.Out,
                peer.Extended!.MetadataId,
                MetadataMessage.Request(piece).Write()
            );
        }
        peer.Wire.Flush();
    }

    private Fault? Take(Peer peer, MetadataDownload download, in MetadataMessage message)
    {
        if (download.Take(message, torrent.Now) is { } fault)
        {
            return fault;
        }
        if (!download.IsWhole)
        {
            Ask(peer, download);
            return null;
        }
        downloads.Remove(peer.Number);
        if (!IsRight(download.Bytes.Span))
        {
            return new Fault("the peer's metadata is not that of the torrent");
        }
        downloads.Clear();
        if (TorrentInfo.TryRead(download.Bytes, out var info, out var unusable))
        {
            Known(info);
        }
        else
        {
            Unusable($"the metadata cannot be used: {unusable}");
        }
        return null;
    }

    private bool IsRight(ReadOnlySpan<byte> info) =>
        (torrent.HashV1 is not { } v1 || new Hash20(SHA1.HashData(info)) == v1)
        && (torrent.HashV2 is not { } v2 || new Hash32(SHA256.HashData(info)) == v2);

    private void Answer(Peer peer, int piece)
    {
        if (peer.Extended is not { MetadataId: > 0 and var id })
        {
            return;
        }
        var begin = (long)piece * PeerLimits.MetadataPieceBytes;
        var raw = torrent.Metainfo?.Info.Raw ?? default;
        var answer = MetadataMessage.Reject(piece);
        if (begin < raw.Length)
        {
            var length = Math.Min(PeerLimits.MetadataPieceBytes, raw.Length - (int)begin);
            answer = new MetadataMessage(MetadataKind.Data, piece, raw.Length, raw.Slice((int)begin, length));
        }
        PeerMessageWriter.Extended(peer.Wire.Out, id, answer.Write());
    }
}
