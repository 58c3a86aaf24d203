using Anatomic.Engine.Choking;
using Anatomic.Engine.Peers;
using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>Gives blocks to those who may have them.</summary>
internal sealed class Uploader(TorrentContext torrent)
{
    private readonly Choker choker = new(torrent.Share.Options.UploadSlots, torrent.World.Entropy.Fork("choking"));
    private readonly ReadCache cache = new(torrent.Storage!, torrent.Stop);
    private readonly List<ChokeCandidate> candidates = [];
    private readonly List<int> unchoked = [];

    /// <summary>Nothing is wanted any more: places go to those who take fastest.</summary>
    public bool IsSeeding { get; set; }

    public void Welcome(Peer peer)
    {
        peer.Wire.Blocks = new PeerUpload(this, peer);
        if (!peer.IsFast)
        {
            return;
        }
        peer.GetsFast = AllowedFast
            .Set(peer.Remote, peer.Swarm, torrent.Info.PieceCount, EngineLimits.AllowedFastPieces)
            .Where(piece => torrent.Had![piece])
            .ToArray();
        foreach (var piece in peer.GetsFast)
        {
            PeerMessageWriter.Index(peer.Wire.Out, PeerMessageId.AllowedFast, piece);
        }
    }

    public Fault? Requested(Peer peer, BlockRange block)
    {
        if (
            block.Piece >= torrent.Info.PieceCount
            || block.Length is 0 or > PeerLimits.MaxRequestBytes
            || (long)block.Begin + block.Length > torrent.Info.PieceSize(new PieceIndex(block.Piece))
        )
        {
            return new Fault($"the peer asks for {block}, which this torrent does not have");
        }
        var may = !peer.AmChoking || peer.GetsFast.Contains(block.Piece);
        if (!may || !torrent.Had![block.Piece] || peer.Wants.Count >= EngineLimits.MaxIncomingRequests)
        {
            Reject(peer, block);
            return null;
        }
        peer.Wants.Enqueue(block);
        return null;
    }

    public static void Cancelled(Peer peer, BlockRange block)
    {
        if (peer.Wants.Contains(block))
        {
            var others = peer.Wants.Where(b => b != block).ToArray();
            peer.Wants.Clear();
            Array.ForEach(others, peer.Wants.Enqueue);
            Reject(peer, block);
        }
    }

    /// <summary>The peer's interest has changed: a free place is given at once.</summary>
    public void InterestChanged(Peer peer)
    {
        if (peer.IsInterested && peer.AmChoking)
        {
            var count = torrent.Peers.Count(p => !p.AmChoking && p.IsInterested);
            if (choker.HasFreeSlot(count))
            {
                Unchoke(peer);
            }
        }
    }

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
                    peer.IsSnubbed,
                    peer.Down.Rate,
                    peer.Up.Rate,
                    now - peer.UnchokedAt,
                    now - peer.ConnectedAt
                )
            );
        }
        choker.Decide(now, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(candidates), IsSeeding, unchoked);
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

    /// <summary>A piece has come: what was read around it before is stale.</summary>
    public void Written(long offset, int length) => cache.Forget(offset, length);

    public void Close() => cache.Clear();

    private void Unchoke(Peer peer)
    {
        if (peer.AmChoking)
        {
            peer.AmChoking = false;
            peer.UnchokedAt = torrent.Now;
            PeerMessageWriter.Plain(peer.Wire.Out, PeerMessageId.Unchoke);
            peer.Wire.Flush();
        }
    }

    private static void Choke(Peer peer)
    {
        if (peer.AmChoking)
        {
            return;
        }
        peer.AmChoking = true;
        PeerMessageWriter.Plain(peer.Wire.Out, PeerMessageId.Choke);
        while (peer.Wants.TryDequeue(out var block))
        {
            Reject(peer, block);
        }
        peer.Wire.Flush();
    }

    /// <summary>Without BEP 6 a choke has already said it.</summary>
    private static void Reject(Peer peer, BlockRange block)
    {
        if (peer.IsFast)
        {
            PeerMessageWriter.Block(peer.Wire.Out, PeerMessageId.RejectRequest, block);
        }
    }

    private async ValueTask GatherAsync(Peer peer, SendBatch batch)
    {
        var most = torrent.Share.Up.MostAtOnce;
        while (batch.HasRoom && batch.Payload < most && peer.Wants.TryPeek(out var block))
        {
            var offset = ((long)block.Piece * torrent.Info.PieceLength) + block.Begin;
            var first = cache.Get(offset);
            if (!first.Reading.IsCompletedSuccessfully && batch.Payload > 0)
            {
                // What is in memory goes out first; the read goes on meanwhile.
                return;
            }
            if (!await TryAddAsync(peer, block, offset, first, batch))
            {
                return;
            }
        }
    }

    private async ValueTask<bool> TryAddAsync(
        Peer peer,
        BlockRange block,
        long offset,
        ReadExtent first,
        SendBatch batch
    )
    {
        var second = cache.Get(offset + block.Length - 1);
        // Held while they are waited for, so that they are not given away.
        first.Users++;
        second.Users++;
        try
        {
            await first.Reading;
            await second.Reading;
            // While it was read, the peer may have been choked or have cancelled.
            if (!peer.Wants.TryPeek(out var still) || still != block)
            {
                return true;
            }
            peer.Wants.Dequeue();
            var from = (int)(offset % EngineLimits.ReadExtentBytes);
            var ofFirst = Math.Min(block.Length, EngineLimits.ReadExtentBytes - from);
            if (from + ofFirst > first.Length || (ofFirst < block.Length && block.Length - ofFirst > second.Length))
            {
                throw new DiskException(DiskFault.Other, "a file is shorter than it was when it was checked");
            }
            batch.AddHead(block);
            batch.AddSlice(first, from, ofFirst);
            if (ofFirst < block.Length)
            {
                batch.AddSlice(second, 0, block.Length - ofFirst);
            }
            return true;
        }
        catch (DiskException broken)
        {
            ReadFailed?.Invoke($"the data cannot be read for uploading: {broken.Message}");
            return false;
        }
        finally
        {
            first.Users--;
            second.Users--;
        }
    }

    /// <summary>Called when data that was had cannot be read.</summary>
    public Action<string>? ReadFailed { get; set; }

    private TimeSpan Sent(Peer peer, SendBatch batch)
    {
        peer.Up.Add(batch.Payload);
        torrent.Up.Add(batch.Payload);
        peer.LastUseful = torrent.Now;
        return torrent.Share.Up.Charge(batch.Payload);
    }

    private sealed class PeerUpload(Uploader uploader, Peer peer) : IUploadQueue
    {
        public ValueTask GatherAsync(SendBatch batch) =>
            peer.Wants.Count == 0 ? ValueTask.CompletedTask : uploader.GatherAsync(peer, batch);

        public TimeSpan Sent(SendBatch batch) => uploader.Sent(peer, batch);
    }
}
