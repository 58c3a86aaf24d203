using Anatomic.Engine.Choking;
using Anatomic.Engine.Peers;
using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>Serves blocks to unchoked peers.</summary>
internal sealed class Uploader(TorrentContext torrent)
{
    private readonly ReadCache cache = torrent.Disk.Cache;
    private readonly List<int> free = [];
    private SuperSeeder? superSeeder;

    /// <summary>Decides who is unchoked.</summary>
    public Unchoker Unchoker { get; } = new(torrent);

    /// <summary>
    /// Whether each peer is offered one piece at a time (BEP 16). Peers that know our pieces already keep them.
    /// </summary>
    public bool IsSuperSeeding
    {
        get => superSeeder is not null;
        set
        {
            if (value != IsSuperSeeding)
            {
                superSeeder = value ? NewSuperSeeder() : null;
                RevealPieces();
            }
        }
    }

    /// <summary>Called with the reason when a piece that we have cannot be read.</summary>
    public required Action<string> ReadFailed { get; init; }

    /// <summary>Lets the peer send requests and grants it the allowed fast set (BEP 6).</summary>
    public void PeerConnected(Peer peer)
    {
        peer.Connection.UploadQueue = new PeerUpload(this, peer);
        if (!peer.IsFast || peer.HidesPieces)
        {
            return;
        }
        peer.AllowedFastByUs = AllowedFast
            .Set(peer.Remote, peer.Swarm, torrent.Info.PieceCount, EngineLimits.AllowedFastPieces)
            .Where(piece => torrent.HavePieces![piece])
            .ToArray();
        foreach (var piece in peer.AllowedFastByUs)
        {
            PeerMessageWriter.Index(peer.Connection.Output, PeerMessageId.AllowedFast, piece);
        }
    }

    /// <summary>Queues or rejects a request. A fault means that the requested range does not exist.</summary>
    public Fault? RequestReceived(Peer peer, BlockRange block)
    {
        if (
            block.Piece.Value >= torrent.Info.PieceCount
            || block.Length is 0 or > PeerLimits.MaxRequestBytes
            || (long)block.Begin + block.Length > torrent.Info.PieceSize(block.Piece)
        )
        {
            return new Fault($"the peer requests {block}, which this torrent does not have");
        }
        var isAllowed = !peer.AmChoking || peer.AllowedFastByUs.Contains(block.Piece);
        var isHidden = peer.HidesPieces && superSeeder?.MayRequest(peer.Number, block.Piece) == false;
        if (
            !isAllowed
            || isHidden
            || !torrent.HavePieces![block.Piece]
            || peer.IncomingRequests.Count >= EngineLimits.MaxIncomingRequests
            || !peer.IncomingRequests.Add(block)
        )
        {
            peer.Reject(block);
            return null;
        }
        if (block.Length < MessageCosts.TinyRequestBytes && !EndsContent(block))
        {
            peer.Cost.Charge(CostKind.Request, MessageCosts.TinyRequest);
        }
        return null;
    }

    public static void RequestCancelled(Peer peer, BlockRange block)
    {
        if (peer.IncomingRequests.Remove(block))
        {
            peer.Reject(block);
        }
    }

    /// <summary>
    /// Superseeding: a peer announced pieces, so that the peers they were offered to may get the next one.
    /// </summary>
    /// <param name="peer">The peer.</param>
    /// <param name="piece">The piece; null when all its pieces changed.</param>
    public void PiecesAnnounced(Peer peer, PieceIndex? piece)
    {
        if (superSeeder is null)
        {
            return;
        }
        free.Clear();
        superSeeder.Announced(peer.Number, offered => piece is { } one ? offered == one : peer.Pieces![offered], free);
        foreach (var number in free)
        {
            if (torrent.Peers.Find(number) is { } next)
            {
                OfferPiece(next);
            }
        }
    }

    public void PeerDisconnected(Peer peer)
    {
        superSeeder?.Disconnected(peer.Number);
        Unchoker.PeerDisconnected(peer);
    }

    /// <summary>Runs the choker when it is due; called once per second.</summary>
    public void Tick(DateTimeOffset now)
    {
        Unchoker.Tick(now);
        if (superSeeder is not null)
        {
            foreach (var peer in torrent.Peers)
            {
                OfferPiece(peer);
            }
        }
    }

    /// <summary>Invalidates cached data at a newly written piece.</summary>
    public void PieceWritten(long offset, int length) => cache.Invalidate(torrent.Storage!, offset, length);

    public void Close() => cache.Clear(torrent.Storage!);

    private void OfferPiece(Peer peer)
    {
        if (peer is { HidesPieces: true, Pieces: { } has } && superSeeder!.Offer(peer.Number, has) is { } piece)
        {
            PeerMessageWriter.Index(peer.Connection.Output, PeerMessageId.Have, piece);
            peer.Connection.Flush();
        }
    }

    /// <summary>Announces all pieces to the peers that were offered one at a time.</summary>
    private void RevealPieces()
    {
        foreach (var peer in torrent.Peers.Where(peer => peer.HidesPieces))
        {
            peer.HidesPieces = false;
            for (var i = 0; i < torrent.Info.PieceCount; i++)
            {
                if (torrent.HavePieces![new PieceIndex(i)])
                {
                    PeerMessageWriter.Index(peer.Connection.Output, PeerMessageId.Have, new PieceIndex(i));
                }
            }
            peer.Connection.Flush();
        }
    }

    private SuperSeeder NewSuperSeeder() => new(torrent.Info.PieceCount, torrent.World.Entropy.Fork("superseeding"));

    private async ValueTask FillAsync(Peer peer, SendBatch batch, int maxBytes)
    {
        while (batch.HasRoom && batch.Payload < maxBytes && peer.IncomingRequests.TryPeek(out var block))
        {
            var offset = ((long)block.Piece.Value * torrent.Info.PieceLength) + block.Begin;
            var first = cache.Get(torrent.Storage!, offset, torrent.Stop);
            if (!first.Read.IsCompletedSuccessfully && batch.Payload > 0)
            {
                // Send what is in memory first, while the read continues.
                return;
            }
            if (!await TryAddAsync(peer, block, offset, first, batch))
            {
                return;
            }
        }
    }

    private bool EndsContent(BlockRange block) =>
        block.Begin + block.Length >= torrent.Info.PieceContentSize(block.Piece);

    private async ValueTask<bool> TryAddAsync(
        Peer peer,
        BlockRange block,
        long offset,
        ReadExtent first,
        SendBatch batch
    )
    {
        // In use while we wait for the reads, so that the cache does not evict them.
        first.Users++;
        var second = cache.Get(torrent.Storage!, offset + block.Length - 1, torrent.Stop);
        second.Users++;
        if (!first.Read.IsCompleted || !second.Read.IsCompleted)
        {
            peer.Cost.Charge(CostKind.DiskRead, MessageCosts.DiskRead);
        }
        try
        {
            await first.Read;
            await second.Read;
            // During the read, the peer may have been choked or may have cancelled the request.
            if (!peer.IncomingRequests.TryPeek(out var next) || next != block)
            {
                return true;
            }
            peer.IncomingRequests.TryDequeue(out _);
            var from = (int)(offset % EngineLimits.ReadExtentBytes);
            var inFirst = Math.Min(block.Length, EngineLimits.ReadExtentBytes - from);
            var inSecond = block.Length - inFirst;
            if (first.Holes.Overlap(offset, inFirst) || second.Holes.Overlap(offset + inFirst, inSecond))
            {
                PieceLost(peer, block);
                return false;
            }
            batch.AddHeader(block);
            batch.AddSlice(first, from, inFirst);
            if (inSecond > 0)
            {
                batch.AddSlice(second, 0, inSecond);
            }
            return true;
        }
        catch (DiskException failure)
        {
            ReadFailed($"cannot read the data to upload: {failure.Message}");
            return false;
        }
        finally
        {
            first.Users--;
            second.Users--;
        }
    }

    /// <summary>A piece that we had is gone; other pieces of the same read may never have been there.</summary>
    private void PieceLost(Peer peer, BlockRange block)
    {
        torrent.HavePieces!.Remove(block.Piece);
        peer.Reject(block);
        var begin = (long)block.Piece.Value * torrent.Info.PieceLength;
        var paths = torrent
            .Info.FilesIn(begin, torrent.Info.PieceSize(block.Piece))
            .Where(file => !file.IsPadding)
            .Select(torrent.Storage!.PathOf);
        ReadFailed(
            $"the data of piece {block.Piece.Value:N0} is gone: a file was removed or shortened after its check, "
                + $"{string.Join(" or ", paths)}; put it back, or check the torrent again"
        );
    }

    private void BatchSent(Peer peer, SendBatch batch)
    {
        peer.Up.Add(batch.Payload);
        torrent.Up.Add(batch.Payload);
        peer.LastUseful = torrent.Now;
    }

    private sealed class PeerUpload(Uploader uploader, Peer peer) : IUploadQueue
    {
        public int NextBytes => peer.IncomingRequests.TryPeek(out var block) ? block.Length : 0;

        public ValueTask FillAsync(SendBatch batch, int maxBytes) =>
            peer.IncomingRequests.Count == 0 ? ValueTask.CompletedTask : uploader.FillAsync(peer, batch, maxBytes);

        public void BatchSent(SendBatch batch) => uploader.BatchSent(peer, batch);
    }
}
