using Anatomic.Engine.Metadata;
using Anatomic.Engine.Peers;
using Anatomic.Engine.Picking;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Torrents;

/// <summary>
/// Handles the messages of all peers of a torrent and passes each to the part it concerns. A fault ends the connection.
/// </summary>
internal sealed class PeerMessageHandler : IPeerMessageHandler
{
    private readonly TorrentContext torrent;
    private readonly MetadataExchange metadata;
    private readonly PeerExtensions extensions;

    public PeerMessageHandler(TorrentContext torrent, MetadataExchange metadata, PeerList addresses)
    {
        this.torrent = torrent;
        this.metadata = metadata;
        extensions = new PeerExtensions(torrent, metadata, addresses) { PieceLost = PeerLostPiece };
    }

    /// <summary>Null before the data is checked, and when no piece is missing.</summary>
    public Downloader? Downloader { get; private set; }

    /// <summary>Null before the data is checked.</summary>
    public Uploader? Uploader { get; set; }

    /// <summary>Null when no piece layers are missing.</summary>
    public PieceLayerDownload? PieceLayers { get; set; }

    /// <summary>Null before the metadata and its piece layers are known, and for v1 torrents.</summary>
    public HashResponder? Hashes { get; set; }

    /// <summary>Downloads from all peers, which may have been connected before.</summary>
    public void StartDownloading(Downloader downloader)
    {
        Downloader = downloader;
        extensions.IsUploadOnly = false;
        foreach (var peer in torrent.Peers)
        {
            downloader.Add(peer.Blocks);
        }
    }

    /// <summary>
    /// Ends all requests, because nothing is missing any more or the torrent stops. Completes when no piece is being
    /// written.
    /// </summary>
    public Task StopDownloadingAsync()
    {
        var closed = Downloader?.CloseAsync() ?? Task.CompletedTask;
        Downloader = null;
        extensions.IsUploadOnly = torrent.HavePieces is not null;
        return closed;
    }

    /// <summary>Sends the first messages to a new peer: our extended handshake and our pieces.</summary>
    public void SendFirstMessages(Peer peer)
    {
        extensions.SendHandshake(peer);
        if (torrent.HavePieces is not null)
        {
            SendHavePieces(peer);
        }
        else if (peer.IsFast)
        {
            PeerMessageWriter.Plain(peer.Connection.Output, PeerMessageId.HaveNone);
        }
        Downloader?.Add(peer.Blocks);
        // A seed may leave again at once when we have all pieces too.
        PieceLayers?.Tick(torrent.Now);
        peer.Connection.Flush();
    }

    /// <summary>Tells the peers that a piece that we had is gone (BEP 54).</summary>
    public void PieceLost(PieceIndex piece) => extensions.SendDontHave(piece);

    /// <summary>Announces our pieces to the connected peers, once the data was checked.</summary>
    public void DataChecked()
    {
        extensions.IsUploadOnly = Downloader is null;
        foreach (var peer in torrent.Peers)
        {
            // A bitfield must be the first message (BEP 3), so this late we send single haves.
            for (var i = 0; i < torrent.HavePieces!.Count; i++)
            {
                var piece = new PieceIndex(i);
                if (torrent.HavePieces[piece])
                {
                    PeerMessageWriter.Index(peer.Connection.Output, PeerMessageId.Have, piece);
                }
            }
            Uploader!.PeerConnected(peer);
            ApplyPendingBitfield(peer);
            peer.Connection.Flush();
        }
    }

    public void PeerDisconnected(Peer peer)
    {
        metadata.PeerDisconnected(peer);
        PieceLayers?.PeerDisconnected(peer);
        Downloader?.Remove(peer.Blocks);
        Uploader?.PeerDisconnected(peer);
    }

    public Fault? Handle(Peer peer, in PeerMessage message)
    {
        switch (message.Id)
        {
            case PeerMessageId.Piece:
                if (Downloader is { } downloader)
                {
                    return downloader.BlockReceived(peer.Blocks, message.Block, message.Payload);
                }
                peer.Cost.Charge(CostKind.UnrequestedBlock, MessageCosts.UnrequestedBlock);
                return null;
            case PeerMessageId.Request:
                return Uploader?.RequestReceived(peer, message.Block);
            case PeerMessageId.Cancel:
                Uploader.RequestCancelled(peer, message.Block);
                return null;
            case PeerMessageId.Choke:
                peer.IsChoking = true;
                // With BEP 6 the peer answers each request; without it a choke drops all of them.
                Downloader?.Requests.Choked(peer.Blocks, answersRequests: peer.IsFast);
                return null;
            case PeerMessageId.Unchoke when peer.IsChoking:
                peer.IsChoking = false;
                return RequestScheduler.Unchoked(peer.Blocks, torrent.Now);
            case PeerMessageId.Interested:
            case PeerMessageId.NotInterested:
                peer.IsInterested = message.Id == PeerMessageId.Interested;
                Uploader?.Unchoker.InterestChanged(peer);
                return null;
            case PeerMessageId.RejectRequest:
                peer.AllowedFastByPeer.Remove(message.PieceIndex);
                return Downloader?.Requests.Rejected(peer.Blocks, message.Block, peer.IsChoking, torrent.Now);
            case PeerMessageId.AllowedFast:
                AllowedFastReceived(peer, message.PieceIndex);
                return null;
            case PeerMessageId.Extended:
                return extensions.Receive(peer, message.ExtendedId, message.Payload);
            case PeerMessageId.HashRequest:
            case PeerMessageId.Hashes:
            case PeerMessageId.HashReject:
                return HashMessage(peer, message);
            case PeerMessageId.Bitfield:
            case PeerMessageId.HaveAll:
            case PeerMessageId.HaveNone:
            case PeerMessageId.Have:
                return PiecesAnnounced(peer, message);
            default:
                // Keep-alives, DHT ports, suggested pieces, and messages of later BEPs.
                return null;
        }
    }

    public void TurnCompleted(Peer peer)
    {
        Downloader?.MessagesHandled(peer.Blocks);
        peer.Connection.Flush();
    }

    private void SendHavePieces(Peer peer)
    {
        var have = torrent.HavePieces!;
        peer.HidesPieces = Uploader!.IsSuperSeeding;
        if (peer.HidesPieces)
        {
            if (peer.IsFast)
            {
                PeerMessageWriter.Plain(peer.Connection.Output, PeerMessageId.HaveNone);
            }
        }
        else if (peer.IsFast && (have.IsFull || have.IsEmpty))
        {
            var message = have.IsFull ? PeerMessageId.HaveAll : PeerMessageId.HaveNone;
            PeerMessageWriter.Plain(peer.Connection.Output, message);
        }
        else if (!have.IsEmpty)
        {
            PeerMessageWriter.Bitfield(peer.Connection.Output, have.Bytes);
        }
        Uploader.PeerConnected(peer);
        peer.Pieces = new PieceSet(have.Count);
    }

    private void ApplyPendingBitfield(Peer peer)
    {
        if (peer.Pieces is not null)
        {
            return;
        }
        var pending = peer.PendingBitfield ?? new PendingBitfield();
        peer.PendingBitfield = null;
        if (pending.TryBuild(torrent.Info.PieceCount, out var pieces, out var fault))
        {
            peer.Pieces = pieces;
            Downloader?.Requests.PiecesKnown(peer.Blocks);
        }
        else
        {
            peer.Pieces = new PieceSet(torrent.Info.PieceCount);
            peer.Drop(fault.What);
        }
    }

    private Fault? PiecesAnnounced(Peer peer, in PeerMessage message) =>
        peer.Pieces is null ? KeepPending(peer, message) : UpdatePieces(peer, peer.Pieces, message);

    private Fault? UpdatePieces(Peer peer, PieceSet pieces, in PeerMessage message)
    {
        switch (message.Id)
        {
            case PeerMessageId.Have when message.PieceIndex.Value >= pieces.Count:
                return new Fault($"the peer claims to have piece {message.PieceIndex.Value:N0} of {pieces.Count:N0}");
            case PeerMessageId.Have:
                if (pieces.Add(message.PieceIndex))
                {
                    Uploader?.PiecesAnnounced(peer, message.PieceIndex);
                    Downloader?.Requests.PieceAdded(peer.Blocks, message.PieceIndex);
                }
                else
                {
                    peer.Cost.Charge(CostKind.Pieces, MessageCosts.RepeatedHave);
                }
                return null;
            // BEP 3 allows these only as the first message, but aria2 sends a bitfield later instead of many haves.
            case PeerMessageId.HaveAll:
                Downloader?.Requests.Uncount(peer.Blocks);
                pieces.AddAll();
                break;
            case PeerMessageId.HaveNone:
                Downloader?.Requests.Uncount(peer.Blocks);
                peer.Pieces = new PieceSet(pieces.Count);
                break;
            case PeerMessageId.Bitfield:
                if (!PieceSet.TryRead(message.Payload, pieces.Count, out var read))
                {
                    return new Fault(
                        $"the peer's bitfield ({message.Payload.Length:N0} bytes) does not fit {pieces.Count:N0} pieces"
                    );
                }
                Downloader?.Requests.Uncount(peer.Blocks);
                peer.Pieces = read;
                break;
        }
        Downloader?.Requests.PiecesKnown(peer.Blocks);
        Uploader?.PiecesAnnounced(peer, null);
        return null;
    }

    private static Fault? KeepPending(Peer peer, in PeerMessage message)
    {
        peer.PendingBitfield ??= new PendingBitfield();
        switch (message.Id)
        {
            case PeerMessageId.Have:
                peer.PendingBitfield.AddHave(message.PieceIndex);
                break;
            case PeerMessageId.HaveAll:
                peer.PendingBitfield.SetAll();
                break;
            case PeerMessageId.Bitfield when message.Payload.Length > MetainfoLimits.MaxPieces / 8:
                return new Fault(
                    $"the peer's bitfield of {message.Payload.Length:N0} bytes is too long for any torrent"
                );
            case PeerMessageId.Bitfield:
                peer.PendingBitfield.SetBitfield(message.Payload);
                break;
        }
        return null;
    }

    private void AllowedFastReceived(Peer peer, PieceIndex piece)
    {
        var isValid = torrent.HavePieces is { } have && piece.Value < have.Count;
        if (isValid && peer.AllowedFastByPeer.Count < EngineLimits.MaxAllowedFastPieces)
        {
            peer.AllowedFastByPeer.Add(piece);
            peer.Blocks.NeedsPick = true;
        }
    }

    private void PeerLostPiece(Peer peer, PieceIndex piece)
    {
        Downloader?.Requests.PieceRemoved(peer.Blocks, piece);
        peer.AllowedFastByPeer.Remove(piece);
    }

    private Fault? HashMessage(Peer peer, in PeerMessage message)
    {
        if (message.Id == PeerMessageId.Hashes)
        {
            return HashRange.TryReadHashes(message.Payload, out var received, out var hashes, out var invalid)
                ? PieceLayers?.Receive(peer, received, hashes)
                : invalid;
        }
        if (!HashRange.TryRead(message.Payload, out var range, out var fault))
        {
            return fault;
        }
        if (message.Id == PeerMessageId.HashReject)
        {
            PieceLayers?.Rejected(peer, range);
        }
        else
        {
            _ = AnswerAsync(peer, range);
        }
        return null;
    }

    private async Task AnswerAsync(Peer peer, HashRange range)
    {
        try
        {
            var hashes = Hashes is null
                ? null
                : await Hashes.RespondAsync(
                    range,
                    count => peer.Cost.Charge(CostKind.Hashes, count / MessageCosts.HashesPerUnit)
                );
            // A peer that does not read its answers gets no more of them.
            var id = hashes is null || peer.Connection.IsFull ? PeerMessageId.HashReject : PeerMessageId.Hashes;
            if (peer.DropReason is null)
            {
                var body = id == PeerMessageId.Hashes ? hashes : default;
                PeerMessageWriter.HashMessage(peer.Connection.Output, id, range, body);
                peer.Connection.Flush();
            }
        }
        catch (Exception bug)
        {
            peer.Drop(bug.Message);
        }
    }
}
