using Anatomic.Engine.Metadata;
using Anatomic.Engine.Peers;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Torrents;

/// <summary>Understands what peers say and passes it to the part that it concerns. A fault ends the connection.</summary>
internal sealed class PeerMessageHandler(TorrentContext torrent, MetadataExchange metadata, PeerList addresses)
    : IPeerMessageHandler
{
    /// <summary>Null before the data is checked, and while nothing is lacking.</summary>
    public Downloader? Downloader { get; set; }

    /// <summary>Null before the data is checked.</summary>
    public Uploader? Uploader { get; set; }

    /// <summary>Null while no piece layers are lacking.</summary>
    public PieceLayerDownload? Layers { get; set; }

    /// <summary>Null before the metadata is known, and for v1.</summary>
    public HashResponder? Hashes { get; set; }

    /// <summary>The first words to a peer: what we can do and what we have.</summary>
    public void Welcome(Peer peer)
    {
        if (peer.IsExtended)
        {
            PeerMessageWriter.Extended(peer.Wire.Out, 0, OwnHandshake().Write());
        }
        if (torrent.Had is not null)
        {
            Introduce(peer);
        }
        else if (peer.IsFast)
        {
            PeerMessageWriter.Plain(peer.Wire.Out, PeerMessageId.HaveNone);
        }
        peer.Wire.Flush();
    }

    /// <summary>The data is checked: everybody who is connected already learns what we have.</summary>
    public void PiecesReady()
    {
        foreach (var peer in torrent.Peers.ToArray())
        {
            // A bitfield may only be the first message; so late single haves say it.
            for (var piece = 0; piece < torrent.Had!.Count; piece++)
            {
                if (torrent.Had[piece])
                {
                    PeerMessageWriter.Index(peer.Wire.Out, PeerMessageId.Have, piece);
                }
            }
            Uploader!.Welcome(peer);
            LearnEarly(peer);
            peer.Wire.Flush();
        }
    }

    public void PeerGone(Peer peer)
    {
        metadata.PeerGone(peer);
        Layers?.PeerGone(peer);
        Downloader?.PeerGone(peer);
    }

    public Fault? Handle(Peer peer, in PeerMessage message)
    {
        switch (message.Id)
        {
            case PeerMessageId.Piece:
                return Downloader?.Arrived(peer, message.Block, message.Payload);
            case PeerMessageId.Request:
                return Uploader?.Requested(peer, message.Block);
            case PeerMessageId.Cancel:
                Uploader.Cancelled(peer, message.Block);
                return null;
            case PeerMessageId.Choke:
                peer.IsChoking = true;
                // With BEP 6 each request is answered by itself; without it a choke drops them all.
                if (!peer.IsFast)
                {
                    Downloader?.ReleaseAll(peer);
                }
                return null;
            case PeerMessageId.Unchoke:
                peer.IsChoking = false;
                return null;
            case PeerMessageId.Interested:
            case PeerMessageId.NotInterested:
                peer.IsInterested = message.Id == PeerMessageId.Interested;
                Uploader?.InterestChanged(peer);
                return null;
            case PeerMessageId.RejectRequest:
                return Downloader?.Rejected(peer, message.Block);
            case PeerMessageId.AllowedFast:
                GivenFast(peer, message.PieceIndex);
                return null;
            case PeerMessageId.Extended:
                return Extended(peer, message.PieceIndex, message.Payload);
            case PeerMessageId.HashRequest:
            case PeerMessageId.Hashes:
            case PeerMessageId.HashReject:
                return HashMessage(peer, message);
            case PeerMessageId.Bitfield:
            case PeerMessageId.HaveAll:
            case PeerMessageId.HaveNone:
            case PeerMessageId.Have:
                return Pieces(peer, message);
            default:
                // Keep-alives, ports of the DHT, suggestions, and what later BEPs may bring.
                return null;
        }
    }

    public int MostAtOnce => torrent.Share.Down.MostAtOnce;

    public TimeSpan TurnEnded(Peer peer, int received)
    {
        peer.LastHeard = torrent.Now;
        Downloader?.Ask(peer);
        peer.Wire.Flush();
        return torrent.Share.Down.Charge(received);
    }

    private ExtendedHandshake OwnHandshake() =>
        new()
        {
            MetadataId = MetadataExchange.LocalId,
            MetadataBytes = torrent.Metainfo?.Info.Raw.Length,
            Client = "Anatomic 0.1",
            Port = torrent.Share.Port == 0 ? null : torrent.Share.Port,
            RequestQueue = EngineLimits.MaxIncomingRequests,
            UploadOnly = torrent.Had is not null && Downloader is null,
        };

    private void Introduce(Peer peer)
    {
        var had = torrent.Had!;
        if (peer.IsFast && (had.IsFull || had.IsEmpty))
        {
            PeerMessageWriter.Plain(peer.Wire.Out, had.IsFull ? PeerMessageId.HaveAll : PeerMessageId.HaveNone);
        }
        else if (!had.IsEmpty)
        {
            PeerMessageWriter.Bitfield(peer.Wire.Out, had.Bytes);
        }
        Uploader!.Welcome(peer);
        peer.Has = new PieceSet(had.Count);
    }

    private void LearnEarly(Peer peer)
    {
        if (peer.Has is not null)
        {
            return;
        }
        var early = peer.Early ?? new PendingBitfield();
        peer.Early = null;
        peer.Has = early.Read(torrent.Info.PieceCount, out var fault);
        if (peer.Has is null)
        {
            peer.Has = new PieceSet(torrent.Info.PieceCount);
            peer.Drop(fault!.What);
            return;
        }
        Downloader?.PiecesKnown(peer);
    }

    private Fault? Pieces(Peer peer, in PeerMessage message)
    {
        return peer.Has is null ? PendingBitfield(peer, message) : KnownPieces(peer, peer.Has, message);
    }

    private Fault? KnownPieces(Peer peer, PieceSet has, in PeerMessage message)
    {
        switch (message.Id)
        {
            case PeerMessageId.Have when message.PieceIndex >= has.Count:
                return new Fault($"the peer claims piece {message.PieceIndex:N0} of {has.Count:N0}");
            case PeerMessageId.Have:
                if (has.Add(message.PieceIndex))
                {
                    Downloader?.PeerHas(peer, message.PieceIndex);
                }
                return null;
            // Only the first message may be one of these by BEP 3; aria2 sends a bitfield later in place of many haves.
            case PeerMessageId.HaveAll:
                Downloader?.Uncount(peer);
                has.AddAll();
                break;
            case PeerMessageId.HaveNone:
                Downloader?.Uncount(peer);
                peer.Has = new PieceSet(has.Count);
                break;
            case PeerMessageId.Bitfield:
                if (!PieceSet.TryRead(message.Payload, has.Count, out var read))
                {
                    return new Fault(
                        $"the bitfield of {message.Payload.Length:N0} bytes is not one of {has.Count:N0} pieces"
                    );
                }
                Downloader?.Uncount(peer);
                peer.Has = read;
                break;
        }
        Downloader?.PiecesKnown(peer);
        return null;
    }

    private static Fault? PendingBitfield(Peer peer, in PeerMessage message)
    {
        peer.Early ??= new PendingBitfield();
        switch (message.Id)
        {
            case PeerMessageId.Have:
                peer.Early.Have(message.PieceIndex);
                break;
            case PeerMessageId.HaveAll:
                peer.Early.All();
                break;
            case PeerMessageId.Bitfield when message.Payload.Length > MetainfoLimits.MaxPieces / 8:
                return new Fault($"a bitfield of {message.Payload.Length:N0} bytes is longer than that of any torrent");
            case PeerMessageId.Bitfield:
                peer.Early.Bitfield(message.Payload);
                break;
        }
        return null;
    }

    private void GivenFast(Peer peer, int piece)
    {
        if (peer.GivesFast.Count < EngineLimits.AllowedFastPieces * 4 && torrent.Had is { } had && piece < had.Count)
        {
            peer.GivesFast.Add(piece);
        }
    }

    private Fault? Extended(Peer peer, int id, ReadOnlySpan<byte> payload)
    {
        if (id == MetadataExchange.LocalId)
        {
            return metadata.Handle(peer, payload.ToArray());
        }
        if (id != 0)
        {
            // Never offered by us; other clients send such all the same.
            return null;
        }
        if (!ExtendedHandshake.TryRead(payload.ToArray(), out var handshake, out var fault))
        {
            return fault;
        }
        peer.Extended = handshake;
        peer.Window.Bound(handshake.RequestQueue ?? EngineLimits.DefaultRequestQueue);
        if (handshake.Port is { } port && peer.Candidate is null)
        {
            peer.Candidate = addresses.Claim(peer.Remote.WithPort(port));
        }
        metadata.Consider(peer);
        return null;
    }

    private Fault? HashMessage(Peer peer, in PeerMessage message)
    {
        if (message.Id == PeerMessageId.Hashes)
        {
            return HashRange.TryReadHashes(message.Payload, out var carried, out var hashes, out var broken)
                ? Layers?.Take(peer, carried, hashes)
                : broken;
        }
        if (!HashRange.TryRead(message.Payload, out var range, out var fault))
        {
            return fault;
        }
        if (message.Id == PeerMessageId.HashReject)
        {
            Layers?.Rejected(peer, range);
        }
        else if (Hashes is not null && Hashes.TryAnswer(range, out var answer))
        {
            PeerMessageWriter.HashMessage(peer.Wire.Out, PeerMessageId.Hashes, range, answer);
        }
        else
        {
            PeerMessageWriter.HashMessage(peer.Wire.Out, PeerMessageId.HashReject, range);
        }
        return null;
    }
}
