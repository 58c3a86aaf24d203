using Anatomic.Engine.Peers;
using Anatomic.Engine.Picking;
using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>Asks peers for blocks, puts them together in memory, and writes pieces once their hashes are right.</summary>
internal sealed class Downloader
{
    private readonly TorrentContext torrent;
    private readonly PiecePicker picker;
    private readonly PieceBufferPool memory;
    private readonly Dictionary<int, byte[]> buffers = [];
    private readonly List<int> cancel = [];
    private readonly PieceBlock[] picked = new PieceBlock[EngineLimits.MaxRequestQueue];
    private int starvedFor;

    public Downloader(TorrentContext torrent, PiecePicker picker)
    {
        this.torrent = torrent;
        this.picker = picker;
        memory = new PieceBufferPool(torrent.Info.PieceLength, torrent.Share.PieceBudget);
    }

    public PiecePicker Picker => picker;

    /// <summary>Called after a piece was written.</summary>
    public required Action<int> PieceWritten { get; init; }

    /// <summary>Called when the disk refuses or this program is wrong; the torrent cannot go on.</summary>
    public required Action<string> Failed { get; init; }

    /// <summary>Called with a peer that sent a wrong piece and the reason for people.</summary>
    public required Action<int, string> Proven { get; init; }

    /// <summary>Pieces that are hashed or written at present.</summary>
    public int Finishing { get; private set; }

    /// <summary>Bytes of a piece that are requested: what is behind them is padding.</summary>
    public static int Blocks(int contentSize) => (contentSize + PeerLimits.BlockBytes - 1) / PeerLimits.BlockBytes;

    /// <summary>The peer's pieces are known: counts them, and what of them is of interest.</summary>
    public void PiecesKnown(Peer peer)
    {
        var has = peer.Has!;
        if (!peer.IsCounted && !has.IsFull)
        {
            picker.AddPeer(has);
            peer.IsCounted = true;
        }
        peer.Interesting = 0;
        for (var piece = 0; piece < has.Count; piece++)
        {
            if (has[piece] && picker.Wants(piece))
            {
                peer.Interesting++;
            }
        }
        UpdateInterest(peer);
    }

    public void PeerHas(Peer peer, int piece)
    {
        if (!peer.IsCounted)
        {
            picker.AddPeer(peer.Has!);
            peer.IsCounted = true;
        }
        else
        {
            picker.AddHave(piece);
        }
        if (picker.Wants(piece))
        {
            peer.Interesting++;
            UpdateInterest(peer);
        }
    }

    public void PeerGone(Peer peer)
    {
        ReleaseAll(peer);
        picker.Forget(peer.Number);
        Uncount(peer);
    }

    /// <summary>What the peer has is no longer true.</summary>
    public void Uncount(Peer peer)
    {
        if (peer.IsCounted)
        {
            picker.RemovePeer(peer.Has!);
            peer.IsCounted = false;
        }
    }

    /// <summary>The peer will answer none of its requests.</summary>
    public void ReleaseAll(Peer peer)
    {
        for (var i = 0; i < peer.Asked.Count; i++)
        {
            var block = peer.Asked[i].Block;
            picker.Release(block.Piece, block.Block, peer.Number);
        }
        peer.Asked.Clear();
    }

    public Fault? Rejected(Peer peer, BlockRange range)
    {
        var block = new PieceBlock(range.Piece, range.Begin / PeerLimits.BlockBytes);
        if (peer.Asked.TryRemove(block, out _))
        {
            picker.Release(block.Piece, block.Block, peer.Number);
            peer.GivesFast.Remove(range.Piece);
        }
        return null;
    }

    /// <summary>Asks for as many blocks as the peer's window has room for; the requests wait in its out buffer.</summary>
    public void Ask(Peer peer)
    {
        if (!peer.AmInterested || (peer.IsChoking && peer.GivesFast.Count == 0))
        {
            return;
        }
        var room = peer.Window.Size - peer.Asked.Count;
        if (room <= 0)
        {
            return;
        }
        var ask = new PickRequest(peer.Number, peer.Has!, peer.IsChoking ? peer.GivesFast : null, memory.MayRent);
        var count = picker.Pick(ask, picked.AsSpan(0, Math.Min(room, picked.Length)));
        var at = torrent.World.Clock.GetTimestamp();
        if (peer.Asked.Count == 0 && count > 0)
        {
            peer.LastBlock = torrent.Now;
        }
        foreach (var block in picked.AsSpan(0, count))
        {
            if (!buffers.ContainsKey(block.Piece))
            {
                buffers.Add(block.Piece, memory.Rent());
            }
            peer.Asked.Add(block, at);
            PeerMessageWriter.Block(peer.Wire.Out, PeerMessageId.Request, RangeOf(block));
        }
    }

    public Fault? Arrived(Peer peer, BlockRange range, ReadOnlySpan<byte> bytes)
    {
        var block = new PieceBlock(range.Piece, range.Begin / PeerLimits.BlockBytes);
        if (
            range.Begin % PeerLimits.BlockBytes != 0
            || !peer.Asked.TryRemove(block, out var askedAt)
            || RangeOf(block) != range
        )
        {
            // Cancelled or released a moment ago, as a rule; a flood of it is an attack on the line.
            return ++peer.Unasked > EngineLimits.MaxUnrequestedBlocks
                ? new Fault("the peer sends blocks that nobody asked for")
                : null;
        }
        peer.Unasked = 0;
        peer.LastBlock = torrent.Now;
        peer.LastUseful = peer.LastBlock;
        peer.IsSnubbed = false;
        peer.Window.Arrived(torrent.World.Clock.GetElapsedTime(askedAt));
        peer.Down.Add(bytes.Length);
        torrent.Down.Add(bytes.Length);
        cancel.Clear();
        if (!picker.Take(block.Piece, block.Block, peer.Number, cancel))
        {
            return null;
        }
        bytes.CopyTo(buffers[block.Piece].AsSpan(range.Begin));
        foreach (var other in cancel)
        {
            Cancel(other, block);
        }
        if (picker.State(block.Piece) == PieceState.Whole)
        {
            _ = FinishAsync(block.Piece);
        }
        return null;
    }

    public void Tick(DateTimeOffset now)
    {
        foreach (var peer in torrent.Peers)
        {
            if (peer.Asked.Count > 0 && now - peer.LastBlock > EngineLimits.SnubTimeout)
            {
                peer.IsSnubbed = true;
                ReleaseAll(peer);
                peer.Window.Snubbed();
                peer.LastBlock = now;
            }
            Ask(peer);
            peer.Wire.Flush();
        }
        EvictStarved();
        memory.Trim();
    }

    public void Close()
    {
        foreach (var partial in picker.Partials)
        {
            memory.Return(buffers[partial.Piece]);
            buffers.Remove(partial.Piece);
        }
        memory.Clear();
    }

    private BlockRange RangeOf(PieceBlock block)
    {
        var begin = block.Block * PeerLimits.BlockBytes;
        var content = torrent.Info.PieceContentSize(new PieceIndex(block.Piece));
        return new BlockRange(block.Piece, begin, Math.Min(PeerLimits.BlockBytes, content - begin));
    }

    private void Cancel(int number, PieceBlock block)
    {
        if (torrent.PeerOf(number) is { } peer && peer.Asked.TryRemove(block, out _))
        {
            PeerMessageWriter.Block(peer.Wire.Out, PeerMessageId.Cancel, RangeOf(block));
            peer.Wire.Flush();
        }
    }

    private async Task FinishAsync(int piece)
    {
        Finishing++;
        var index = new PieceIndex(piece);
        var buffer = buffers[piece];
        buffers.Remove(piece);
        var sources = picker.Partial(piece)!.Sources;
        var size = torrent.Info.PieceSize(index);
        // Padding behind the content is zeros (BEP 47), and the array was used before.
        buffer.AsSpan(torrent.Info.PieceContentSize(index)..size).Clear();
        ReadOnlyMemory<byte>[] parts = [buffer.AsMemory(0, size)];
        try
        {
            if (await torrent.Verifier!.VerifyAsync(index, parts))
            {
                await torrent.Storage!.WritePieceAsync(index, parts, torrent.Stop);
                picker.Written(piece);
                torrent.Had!.Add(piece);
                Announce(piece);
                PieceWritten(piece);
            }
            else
            {
                Blame(piece, sources);
            }
        }
        catch (OperationCanceledException)
        {
            // The torrent stops; what was not written is fetched again next time.
        }
        catch (DiskException broken)
        {
            picker.Failed(piece, parole: false);
            Failed(broken.Message);
        }
        catch (Exception bug)
        {
            Failed(bug.Message);
        }
        finally
        {
            memory.Return(buffer);
            Finishing--;
        }
        AskAll();
    }

    /// <summary>Memory has become free: peers that were held back go on.</summary>
    private void AskAll()
    {
        foreach (var peer in torrent.Peers)
        {
            if (peer.Asked.Count < peer.Window.Size / 2)
            {
                Ask(peer);
            }
            peer.Wire.Flush();
        }
    }

    private void Announce(int piece)
    {
        foreach (var peer in torrent.Peers)
        {
            PeerMessageWriter.Index(peer.Wire.Out, PeerMessageId.Have, piece);
            if (peer.Has is { } has && has[piece] && --peer.Interesting == 0)
            {
                UpdateInterest(peer);
            }
        }
    }

    private void UpdateInterest(Peer peer)
    {
        var interested = peer.Interesting > 0;
        if (interested != peer.AmInterested)
        {
            peer.AmInterested = interested;
            PeerMessageWriter.Plain(peer.Wire.Out, interested ? PeerMessageId.Interested : PeerMessageId.NotInterested);
        }
    }

    /// <summary>A peer alone in a wrong piece is proven; of several nobody knows which, so the next try has only one.</summary>
    private void Blame(int piece, int[] sources)
    {
        var alone = Array.TrueForAll(sources, source => source == sources[0]);
        picker.Failed(piece, parole: !alone);
        if (alone)
        {
            Proven(sources[0], $"it sent a wrong piece {piece:N0}");
        }
    }

    /// <summary>
    /// The memory is full of pieces that nobody can complete: one is given up, so that others can be begun. Rare: their peers
    /// must all have gone.
    /// </summary>
    private void EvictStarved()
    {
        if (memory.MayRent > 0 || Finishing > 0 || torrent.Peers.TrueForAll(p => p.Asked.Count > 0 || !p.AmInterested))
        {
            starvedFor = 0;
            return;
        }
        const int patience = 10;
        if (++starvedFor >= patience && picker.Evict() is >= 0 and var piece)
        {
            memory.Return(buffers[piece]);
            buffers.Remove(piece);
            starvedFor = 0;
        }
    }
}
