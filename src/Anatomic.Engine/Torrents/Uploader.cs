using System.Runtime.InteropServices;
using Anatomic.Engine.Choking;
using Anatomic.Engine.Peers;
using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>Serves blocks to unchoked peers, and decides with <see cref="Choker"/> which peers are unchoked.</summary>
internal sealed class Uploader(TorrentContext torrent)
{
    private readonly Choker choker = new(torrent.Shared.Options.UploadSlots, torrent.World.Entropy.Fork("choking"));
    private readonly ReadCache cache = torrent.Disk.Cache;
    private readonly List<ChokeCandidate> candidates = [];
    private readonly List<int> unchoked = [];

    /// <summary>We have all wanted pieces; the choker then prefers the peers that download fastest.</summary>
    public bool IsSeeding { get; set; }

    /// <summary>Called with the reason when a piece that we have cannot be read.</summary>
    public required Action<string> ReadFailed { get; init; }

    /// <summary>Lets the peer send requests and grants it the allowed fast set (BEP 6).</summary>
    public void PeerConnected(Peer peer)
    {
        peer.Connection.UploadQueue = new PeerUpload(this, peer);
        if (!peer.IsFast)
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
        if (
            !isAllowed
            || !torrent.HavePieces![block.Piece]
            || peer.IncomingRequests.Count >= EngineLimits.MaxIncomingRequests
            || !peer.IncomingRequests.Add(block)
        )
        {
            Reject(peer, block);
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
            Reject(peer, block);
        }
    }

    /// <summary>Unchokes a peer that became interested at once if a slot is free.</summary>
    public void InterestChanged(Peer peer)
    {
        if (peer.IsInterested && peer.AmChoking)
        {
            var unchokedCount = torrent.Peers.Count(other => !other.AmChoking && other.IsInterested);
            if (choker.HasFreeSlot(unchokedCount))
            {
                Unchoke(peer);
            }
        }
    }

    /// <summary>Runs the choker when it is due; called once per second.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (!choker.IsDue(now) || torrent.Peers.Count == 0)
        {
            return;
        }
        candidates.Clear();
        foreach (var peer in torrent.Peers)
        {
            candidates.Add(
                new ChokeCandidate(
                    peer.Number,
                    peer.IsInterested,
                    !peer.AmChoking,
                    peer.Blocks.IsSnubbed,
                    peer.Down.Rate,
                    peer.Up.Rate,
                    now - peer.UnchokedAt,
                    now - peer.ConnectedAt
                )
            );
        }
        choker.Decide(now, CollectionsMarshal.AsSpan(candidates), IsSeeding, unchoked);
        foreach (var peer in torrent.Peers)
        {
            if (unchoked.Contains(peer.Number))
            {
                Unchoke(peer);
            }
            else
            {
                Choke(peer);
            }
        }
    }

    /// <summary>Invalidates cached data at a newly written piece.</summary>
    public void PieceWritten(long offset, int length) => cache.Invalidate(torrent.Storage!, offset, length);

    public void Close() => cache.Clear(torrent.Storage!);

    private void Unchoke(Peer peer)
    {
        if (peer.AmChoking)
        {
            peer.AmChoking = false;
            peer.UnchokedAt = torrent.Now;
            PeerMessageWriter.Plain(peer.Connection.Output, PeerMessageId.Unchoke);
            peer.Connection.Flush();
        }
    }

    private static void Choke(Peer peer)
    {
        if (peer.AmChoking)
        {
            return;
        }
        peer.AmChoking = true;
        PeerMessageWriter.Plain(peer.Connection.Output, PeerMessageId.Choke);
        while (peer.IncomingRequests.TryDequeue(out var block))
        {
            Reject(peer, block);
        }
        peer.Connection.Flush();
    }

    /// <summary>Rejects a request. Without BEP 6 there is no such message: a choke rejects all requests.</summary>
    private static void Reject(Peer peer, BlockRange block)
    {
        if (peer.IsFast)
        {
            PeerMessageWriter.Block(peer.Connection.Output, PeerMessageId.RejectRequest, block);
        }
    }

    private async ValueTask FillAsync(Peer peer, SendBatch batch)
    {
        var maxBytes = torrent.Shared.Up.MaxBurstBytes;
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
        var second = cache.Get(torrent.Storage!, offset + block.Length - 1, torrent.Stop);
        // In use while we wait for the reads, so that the cache does not evict them.
        first.Users++;
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
        Reject(peer, block);
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

    /// <summary>Counts a sent batch; returns the pause before the next one.</summary>
    private TimeSpan BatchSent(Peer peer, SendBatch batch)
    {
        peer.Up.Add(batch.Payload);
        torrent.Up.Add(batch.Payload);
        peer.LastUseful = torrent.Now;
        return torrent.Shared.Up.Charge(batch.Payload);
    }

    private sealed class PeerUpload(Uploader uploader, Peer peer) : IUploadQueue
    {
        public ValueTask FillAsync(SendBatch batch) =>
            peer.IncomingRequests.Count == 0 ? ValueTask.CompletedTask : uploader.FillAsync(peer, batch);

        public TimeSpan BatchSent(SendBatch batch) => uploader.BatchSent(peer, batch);
    }
}
