using System.Security.Cryptography;
using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Metadata;

/// <summary>Downloads the info dictionary of a magnet link from peers and serves it to other peers (BEP 9).</summary>
/// <param name="hashV1">The v1 info-hash; null when the torrent has none, or the magnet link does not name it.</param>
/// <param name="hashV2">The v2 info-hash; null when the torrent has none, or the magnet link does not name it.</param>
internal sealed class MetadataExchange(PeerSet peers, Hash20? hashV1, Hash32? hashV2, TimeProvider clock)
{
    /// <summary>The id of metadata messages to us, as announced in our extended handshake (BEP 10).</summary>
    public const byte LocalId = 1;

    private readonly Dictionary<int, MetadataDownload> downloads = [];

    /// <summary>The info dictionary that is served to peers; null while it is downloaded.</summary>
    public TorrentInfo? Info { get; set; }

    /// <summary>Called with the verified info dictionary.</summary>
    public required Action<TorrentInfo> Completed { get; init; }

    /// <summary>
    /// Called when the info dictionary matches its hash but cannot be used; the torrent cannot continue.
    /// </summary>
    public required Action<string> Failed { get; init; }

    /// <summary>Starts downloads and enforces their timeouts while the metadata is unknown.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (Info is not null)
        {
            return;
        }
        foreach (var peer in peers)
        {
            if (downloads.TryGetValue(peer.Number, out var download))
            {
                if (now - download.LastProgress > EngineLimits.MetadataRequestTimeout)
                {
                    peer.Drop("the peer announced metadata but does not send it");
                }
            }
            else
            {
                TryStart(peer);
            }
        }
    }

    /// <summary>Starts a download from the peer if it announced metadata and another download is needed.</summary>
    public void TryStart(Peer peer)
    {
        if (
            Info is null
            && downloads.Count < EngineLimits.MaxMetadataPeers
            && peer.Extended is { MetadataId: > 0, MetadataBytes: { } length }
            && downloads.TryAdd(peer.Number, new MetadataDownload(length, clock.GetUtcNow()))
        )
        {
            SendRequests(peer, downloads[peer.Number]);
        }
    }

    public void PeerDisconnected(Peer peer) => downloads.Remove(peer.Number);

    /// <summary>Handles a metadata message. A fault ends the connection.</summary>
    public Fault? Handle(Peer peer, ReadOnlyMemory<byte> payload)
    {
        if (!MetadataMessage.TryRead(payload, out var message, out var fault))
        {
            return fault;
        }
        switch (message.Kind)
        {
            case MetadataKind.Request:
                Respond(peer, message.Piece);
                return null;
            case MetadataKind.Data when downloads.TryGetValue(peer.Number, out var download):
                return Receive(peer, download, message);
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

    private static void SendRequests(Peer peer, MetadataDownload download)
    {
        while (download.Next() is >= 0 and var piece)
        {
            var request = MetadataMessage.Request(piece).Write();
            PeerMessageWriter.Extended(peer.Connection.Output, peer.Extended!.MetadataId, request);
        }
        peer.Connection.Flush();
    }

    private Fault? Receive(Peer peer, MetadataDownload download, in MetadataMessage message)
    {
        if (download.Receive(message, clock.GetUtcNow()) is { } fault)
        {
            return fault;
        }
        if (!download.IsComplete)
        {
            SendRequests(peer, download);
            return null;
        }
        downloads.Remove(peer.Number);
        if (!MatchesHashes(download.Bytes.Span))
        {
            return new Fault("the peer's metadata does not match the info-hash");
        }
        downloads.Clear();
        if (TorrentInfo.TryRead(download.Bytes, out var info, out var unusable))
        {
            Info = info;
            Completed(info);
        }
        else
        {
            Failed($"the metadata cannot be used: {unusable}");
        }
        return null;
    }

    private bool MatchesHashes(ReadOnlySpan<byte> info) =>
        (hashV1 is not { } v1 || new Hash20(SHA1.HashData(info)) == v1)
        && (hashV2 is not { } v2 || new Hash32(SHA256.HashData(info)) == v2);

    private void Respond(Peer peer, int piece)
    {
        if (peer.Extended is not { MetadataId: > 0 and var id })
        {
            return;
        }
        var begin = (long)piece * PeerLimits.MetadataPieceBytes;
        var raw = Info?.Raw ?? default;
        var response = MetadataMessage.Reject(piece);
        if (begin < raw.Length)
        {
            var length = Math.Min(PeerLimits.MetadataPieceBytes, raw.Length - (int)begin);
            response = new MetadataMessage(MetadataKind.Data, piece, raw.Length, raw.Slice((int)begin, length));
        }
        PeerMessageWriter.Extended(peer.Connection.Output, id, response.Write());
    }
}
