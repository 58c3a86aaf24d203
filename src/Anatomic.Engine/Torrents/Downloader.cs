using Anatomic.Engine.Peers;
using Anatomic.Engine.Picking;
using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>
/// Requests blocks from peers, assembles pieces in memory, and writes each piece once its hash is verified.
/// </summary>
internal sealed class Downloader
{
    private readonly TorrentContext torrent;
    private readonly PiecePicker picker;
    private readonly PieceBufferPool pool;
    private readonly Dictionary<PieceIndex, byte[]> buffers = [];
    private readonly List<int> cancel = [];
    private readonly PieceBlock[] picked = new PieceBlock[EngineLimits.MaxRequestQueue];
    private int finishingPieces;
    private int starvedSeconds;

    public Downloader(TorrentContext torrent, PiecePicker picker)
    {
        this.torrent = torrent;
        this.picker = picker;
        pool = new PieceBufferPool(torrent.Info.PieceLength, torrent.Shared.PieceMemory);
    }

    public PiecePicker Picker => picker;

    /// <summary>Called after a piece was written.</summary>
    public required Action<PieceIndex> PieceWritten { get; init; }

    /// <summary>
    /// Called with the reason when a write or an internal operation failed; the torrent cannot continue.
    /// </summary>
    public required Action<string> Failed { get; init; }

    /// <summary>Called with the number of a peer that sent a wrong piece, and the reason for the user.</summary>
    public required Action<int, string> BadPeerFound { get; init; }

    /// <summary>The number of blocks to request of a piece; padding at its end is not requested.</summary>
    public static int BlockCount(int contentSize) => (contentSize + PeerLimits.BlockBytes - 1) / PeerLimits.BlockBytes;

    /// <summary>Counts the peer's pieces, once all of them are known, and updates our interest.</summary>
    public void PeerPiecesKnown(Peer peer)
    {
        var pieces = peer.Pieces!;
        if (!peer.IsCounted && !pieces.IsFull)
        {
            picker.AddPeer(pieces);
            peer.IsCounted = true;
        }
        peer.InterestingPieces = 0;
        for (var i = 0; i < pieces.Count; i++)
        {
            var piece = new PieceIndex(i);
            if (pieces[piece] && picker.Wants(piece))
            {
                peer.InterestingPieces++;
            }
        }
        UpdateInterest(peer);
    }

    public void PeerHave(Peer peer, PieceIndex piece)
    {
        if (!peer.IsCounted)
        {
            picker.AddPeer(peer.Pieces!);
            peer.IsCounted = true;
        }
        else
        {
            picker.AddHave(piece);
        }
        if (picker.Wants(piece))
        {
            peer.InterestingPieces++;
            UpdateInterest(peer);
        }
    }

    public void PeerDisconnected(Peer peer)
    {
        ReleaseAll(peer);
        picker.PeerDisconnected(peer.Number);
        UncountPieces(peer);
    }

    /// <summary>Removes the peer's pieces from the picker's count, before they change as a whole.</summary>
    public void UncountPieces(Peer peer)
    {
        if (peer.IsCounted)
        {
            picker.RemovePeer(peer.Pieces!);
            peer.IsCounted = false;
        }
    }

    /// <summary>Drops all requests to the peer, because it will answer none of them.</summary>
    public void ReleaseAll(Peer peer)
    {
        for (var i = 0; i < peer.Outstanding.Count; i++)
        {
            picker.Release(peer.Outstanding[i].Block, peer.Number);
        }
        peer.Outstanding.Clear();
    }

    public void RequestRejected(Peer peer, BlockRange range)
    {
        var block = BlockAt(range);
        if (peer.Outstanding.TryRemove(block, out _))
        {
            picker.Release(block, peer.Number);
            peer.AllowedFastByPeer.Remove(block.Piece);
        }
    }

    /// <summary>Requests as many blocks as fit into the peer's window. The caller flushes the connection.</summary>
    public void RequestBlocks(Peer peer)
    {
        if (!peer.AmInterested || (peer.IsChoking && peer.AllowedFastByPeer.Count == 0))
        {
            return;
        }
        var room = peer.Window.Size - peer.Outstanding.Count;
        if (room <= 0)
        {
            return;
        }
        var allowedFast = peer.IsChoking ? peer.AllowedFastByPeer : null;
        var request = new PickRequest(peer.Number, peer.Pieces!, allowedFast, pool.Available);
        var count = picker.Pick(request, picked.AsSpan(0, Math.Min(room, picked.Length)));
        var timestamp = torrent.World.Clock.GetTimestamp();
        if (peer.Outstanding.Count == 0 && count > 0)
        {
            peer.LastBlock = torrent.Now;
        }
        foreach (var block in picked.AsSpan(0, count))
        {
            if (!buffers.ContainsKey(block.Piece))
            {
                buffers.Add(block.Piece, pool.Rent());
            }
            peer.Outstanding.Add(block, timestamp);
            PeerMessageWriter.Block(peer.Connection.Output, PeerMessageId.Request, RangeOf(block));
        }
    }

    /// <summary>Stores a received block. A fault means that the peer sent too many unrequested blocks.</summary>
    public Fault? BlockReceived(Peer peer, BlockRange range, ReadOnlySpan<byte> bytes)
    {
        var block = BlockAt(range);
        if (
            range.Begin % PeerLimits.BlockBytes != 0
            || !peer.Outstanding.TryRemove(block, out var requestedAt)
            || RangeOf(block) != range
        )
        {
            // Usually a request that was just cancelled or released; a flood of such blocks is an attack.
            return ++peer.UnrequestedBlocks > EngineLimits.MaxUnrequestedBlocks
                ? new Fault("the peer sends blocks that we did not request")
                : null;
        }
        peer.UnrequestedBlocks = 0;
        peer.LastBlock = torrent.Now;
        peer.LastUseful = peer.LastBlock;
        peer.IsSnubbed = false;
        peer.Window.BlockReceived(torrent.World.Clock.GetElapsedTime(requestedAt));
        peer.Down.Add(bytes.Length);
        torrent.Down.Add(bytes.Length);
        cancel.Clear();
        if (!picker.Receive(block, peer.Number, cancel))
        {
            return null;
        }
        bytes.CopyTo(buffers[block.Piece].AsSpan(range.Begin));
        foreach (var other in cancel)
        {
            Cancel(other, block);
        }
        if (picker.State(block.Piece) == PieceState.Complete)
        {
            _ = FinishAsync(block.Piece);
        }
        return null;
    }

    /// <summary>Detects snubbing peers and sends requests; called once per second.</summary>
    public void Tick(DateTimeOffset now)
    {
        foreach (var peer in torrent.Peers)
        {
            if (peer.Outstanding.Count > 0 && now - peer.LastBlock > EngineLimits.SnubTimeout)
            {
                peer.IsSnubbed = true;
                ReleaseAll(peer);
                peer.Window.Snubbed();
                peer.LastBlock = now;
            }
            RequestBlocks(peer);
            peer.Connection.Flush();
        }
        EvictStarved();
        pool.Trim();
    }

    public void Close()
    {
        foreach (var partial in picker.Partials)
        {
            ReturnBuffer(partial.Piece);
        }
        pool.Clear();
    }

    private static PieceBlock BlockAt(BlockRange range) => new(range.Piece, range.Begin / PeerLimits.BlockBytes);

    private BlockRange RangeOf(PieceBlock block)
    {
        var begin = block.Block * PeerLimits.BlockBytes;
        var content = torrent.Info.PieceContentSize(block.Piece);
        return new BlockRange(block.Piece, begin, Math.Min(PeerLimits.BlockBytes, content - begin));
    }

    private void Cancel(int number, PieceBlock block)
    {
        if (torrent.Peers.Find(number) is { } peer && peer.Outstanding.TryRemove(block, out _))
        {
            PeerMessageWriter.Block(peer.Connection.Output, PeerMessageId.Cancel, RangeOf(block));
            peer.Connection.Flush();
        }
    }

    /// <summary>Verifies and writes a complete piece, and announces it to the peers.</summary>
    private async Task FinishAsync(PieceIndex piece)
    {
        finishingPieces++;
        var buffer = buffers[piece];
        buffers.Remove(piece);
        var sources = picker.Partial(piece)!.Sources;
        var size = torrent.Info.PieceSize(piece);
        // Padding after the content is zeros (BEP 47), but the buffer has been used before.
        buffer.AsSpan(torrent.Info.PieceContentSize(piece)..size).Clear();
        ReadOnlyMemory<byte>[] segments = [buffer.AsMemory(0, size)];
        try
        {
            if (await torrent.Verifier!.VerifyAsync(piece, segments))
            {
                await torrent.Storage!.WritePieceAsync(piece, segments, torrent.Stop);
                picker.PieceWritten(piece);
                torrent.HavePieces!.Add(piece);
                SendHave(piece);
                PieceWritten(piece);
            }
            else
            {
                PieceFailed(piece, sources);
            }
        }
        catch (OperationCanceledException)
        {
            // The torrent stops. The piece is downloaded again next time.
        }
        catch (DiskException failure)
        {
            picker.PieceFailed(piece, parole: false);
            Failed(failure.Message);
        }
        catch (Exception bug)
        {
            Failed(bug.Message);
        }
        finally
        {
            pool.Return(buffer);
            finishingPieces--;
        }
        RequestFromAll();
    }

    /// <summary>Requests further blocks after memory became free.</summary>
    private void RequestFromAll()
    {
        foreach (var peer in torrent.Peers)
        {
            if (peer.Outstanding.Count < peer.Window.Size / 2)
            {
                RequestBlocks(peer);
            }
            peer.Connection.Flush();
        }
    }

    private void SendHave(PieceIndex piece)
    {
        foreach (var peer in torrent.Peers)
        {
            PeerMessageWriter.Index(peer.Connection.Output, PeerMessageId.Have, piece);
            if (peer.Pieces is { } pieces && pieces[piece] && --peer.InterestingPieces == 0)
            {
                UpdateInterest(peer);
            }
        }
    }

    private static void UpdateInterest(Peer peer)
    {
        var interested = peer.InterestingPieces > 0;
        if (interested != peer.AmInterested)
        {
            peer.AmInterested = interested;
            var message = interested ? PeerMessageId.Interested : PeerMessageId.NotInterested;
            PeerMessageWriter.Plain(peer.Connection.Output, message);
        }
    }

    /// <summary>
    /// Handles a piece with a wrong hash. A peer that sent all of it is bad. With several senders we cannot tell which
    /// one is, so the next attempt uses a single peer.
    /// </summary>
    private void PieceFailed(PieceIndex piece, int[] sources)
    {
        var isSingleSource = Array.TrueForAll(sources, source => source == sources[0]);
        picker.PieceFailed(piece, parole: !isSingleSource);
        if (isSingleSource)
        {
            BadPeerFound(sources[0], $"the peer sent a wrong piece {piece.Value:N0}");
        }
    }

    /// <summary>
    /// Discards a partial piece when all memory is held by pieces that no connected peer can complete, so that others
    /// can start. Rare: the peers that have these pieces must all have disconnected.
    /// </summary>
    private void EvictStarved()
    {
        if (
            pool.Available > 0
            || finishingPieces > 0
            || torrent.Peers.All(peer => peer.Outstanding.Count > 0 || !peer.AmInterested)
        )
        {
            starvedSeconds = 0;
            return;
        }
        if (++starvedSeconds >= EngineLimits.MaxStarvedSeconds && picker.Evict() is { } piece)
        {
            ReturnBuffer(piece);
            starvedSeconds = 0;
        }
    }

    private void ReturnBuffer(PieceIndex piece)
    {
        pool.Return(buffers[piece]);
        buffers.Remove(piece);
    }
}
