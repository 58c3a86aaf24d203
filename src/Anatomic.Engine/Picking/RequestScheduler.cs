using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Picking;

/// <summary>
/// Keeps the requests to all sources and the picker's marks equal: whatever ends a request ends it in both, exactly
/// once. Decides when a source is asked for more, and which source is not worth keeping.
/// </summary>
internal sealed class RequestScheduler
{
    private readonly PiecePicker picker;
    private readonly Func<PieceIndex, int> contentSize;
    private readonly DownloadTotals totals;
    private readonly TimeProvider clock;

    // A change replaces the list: a flush can end a connection, and with it remove a source, in the middle of a loop.
    private List<BlockSource> sources = [];
    private readonly Dictionary<int, BlockSource> byNumber = [];
    private readonly List<int> cancel = [];
    private readonly PieceBlock[] picked = new PieceBlock[EngineLimits.MaxRequestQueue];
    private TimeSpan fastest;
    private DateTimeOffset present;

    /// <param name="picker">The pieces of the torrent.</param>
    /// <param name="contentSize">Returns the bytes of a piece without the padding at its end.</param>
    /// <param name="totals">Counts what is not kept.</param>
    /// <param name="clock">Measures the time from a request to its block.</param>
    public RequestScheduler(
        PiecePicker picker,
        Func<PieceIndex, int> contentSize,
        DownloadTotals totals,
        TimeProvider clock
    )
    {
        this.picker = picker;
        this.contentSize = contentSize;
        this.totals = totals;
        this.clock = clock;
        picker.QueueTimeOf = number =>
            byNumber.TryGetValue(number, out var source) ? source.QueueTime(present) : TimeSpan.MaxValue;
    }

    /// <summary>Returns how many more pieces may be started, as memory permits.</summary>
    public required Func<int> FreePieces { get; init; }

    /// <summary>Called when the first block of a piece is requested.</summary>
    public required Action<PieceIndex> PieceStarted { get; init; }

    public IReadOnlyList<BlockSource> Sources => sources;

    public BlockSource? Find(int number) => byNumber.GetValueOrDefault(number);

    /// <summary>The number of blocks to request of a piece; padding at its end is not requested.</summary>
    public static int BlockCount(int contentSize) => (contentSize + PeerLimits.BlockBytes - 1) / PeerLimits.BlockBytes;

    /// <summary>Adds a source; its pieces may still be unknown.</summary>
    public void Add(BlockSource source)
    {
        if (byNumber.TryAdd(source.Number, source))
        {
            sources = [.. sources, source];
        }
    }

    public void Remove(BlockSource source)
    {
        if (byNumber.Remove(source.Number))
        {
            sources = [.. sources.Where(other => other != source)];
            ReleaseAll(source);
            Uncount(source);
        }
    }

    /// <summary>Removes the source's pieces from the picker's count, before they change as a whole.</summary>
    public void Uncount(BlockSource source)
    {
        if (source.IsCounted)
        {
            picker.RemovePeer(source.Pieces!);
            source.IsCounted = false;
        }
    }

    /// <summary>Counts the source's pieces, once all of them are known, and updates our interest.</summary>
    public void PiecesKnown(BlockSource source)
    {
        var pieces = source.Pieces!;
        if (!source.IsCounted && !pieces.IsFull)
        {
            picker.AddPeer(pieces);
            source.IsCounted = true;
        }
        ReleaseMissing(source, pieces);
        CountInteresting(source);
        source.NeedsPick = true;
    }

    /// <summary>Counts one more piece of the source.</summary>
    public void PieceAdded(BlockSource source, PieceIndex piece)
    {
        if (source.IsCounted)
        {
            picker.AddHave(piece);
        }
        else
        {
            picker.AddPeer(source.Pieces!);
            source.IsCounted = true;
        }
        if (picker.Wants(piece))
        {
            source.InterestingPieces++;
            ShowInterest(source);
            source.NeedsPick = true;
        }
    }

    /// <summary>Counts one piece less of the source; a request for it will not be answered (BEP 54).</summary>
    public void PieceRemoved(BlockSource source, PieceIndex piece)
    {
        if (source.IsCounted)
        {
            picker.RemoveHave(piece);
        }
        else
        {
            picker.AddPeer(source.Pieces!);
            source.IsCounted = true;
        }
        ReleaseWhere(source, block => block.Piece == piece, sendCancel: false);
        if (picker.Wants(piece))
        {
            source.InterestingPieces--;
            ShowInterest(source);
        }
    }

    /// <summary>
    /// The source answers no outstanding request; BEP 6 makes it answer each, so such a source is not released.
    /// </summary>
    public void Choked(BlockSource source, bool answersRequests)
    {
        if (!answersRequests)
        {
            ReleaseAll(source);
        }
        picker.EndReservations(source.Number);
    }

    /// <summary>The source serves us from now on. A fault means that it does nothing else.</summary>
    public static Fault? Unchoked(BlockSource source, DateTimeOffset now)
    {
        source.ForgetRejected();
        source.NeedsPick = true;
        return source.MayUnchoke(now) ? null : new Fault("the peer chokes and unchokes us all the time");
    }

    /// <summary>A request was rejected. A fault means that the source rejects too much of what it offers.</summary>
    /// <param name="isChoking">The source chokes us, which explains the rejection.</param>
    public Fault? Rejected(BlockSource source, BlockRange range, bool isChoking, DateTimeOffset now)
    {
        var block = BlockAt(range);
        if (source.Outstanding.TryRemove(block, out _))
        {
            picker.Release(block, source.Number);
            if (!isChoking)
            {
                source.Reject(block.Piece, now);
                source.Window.Rejected();
            }
        }
        return !isChoking && ++source.Rejections > EngineLimits.MaxRejections
            ? new Fault("the peer rejects the blocks that it offers")
            : null;
    }

    /// <summary>Requests as many blocks as fit into the source's window. The caller flushes it.</summary>
    public void Request(BlockSource source, DateTimeOffset now)
    {
        source.NeedsPick = false;
        present = now;
        var room = source.Window.Size - source.Outstanding.Count;
        if (room <= 0 || source.InterestingPieces == 0 || !source.AcceptsRequests)
        {
            return;
        }
        var request = new PickRequest(source.Number, source.Pieces!, source.AllowedPieces, FreePieces())
        {
            Rejected = source.RejectedPieces is { Count: > 0 } rejected ? rejected : null,
            QueueTime = source.QueueTime(now),
            MaxRepeatedBlocks = source.Outstanding.Count > 0 ? 0 : Repeats(source),
            Now = now,
        };
        var count = picker.Pick(request, picked.AsSpan(0, Math.Min(room, picked.Length)), fastest);
        if (source.Outstanding.Count == 0 && count > 0)
        {
            source.LastBlock = now;
        }
        var timestamp = clock.GetTimestamp();
        foreach (var block in picked.AsSpan(0, count))
        {
            PieceStarted(block.Piece);
            source.Outstanding.Add(block, timestamp);
            source.Request(RangeOf(block));
        }
    }

    /// <summary>Records a received block; true when its bytes are to be kept.</summary>
    /// <param name="fault">
    /// Why the source is dropped: the block is not what we requested, or it sends too many of them.
    /// </param>
    public bool Receive(BlockSource source, BlockRange range, DateTimeOffset now, out Fault? fault)
    {
        fault = null;
        var block = BlockAt(range);
        if (range.Begin % PeerLimits.BlockBytes != 0)
        {
            fault = new Fault($"the peer sent a block at offset {range.Begin:N0}, which we did not request");
            return false;
        }
        if (!source.Outstanding.TryRemove(block, out var requestedAt))
        {
            // Usually a request that was just cancelled or released; a flood of such blocks is an attack.
            totals.RedundantBytes += range.Length;
            fault =
                ++source.UnrequestedBlocks > EngineLimits.MaxUnrequestedBlocks
                    ? new Fault("the peer sends blocks that we did not request")
                    : null;
            return false;
        }
        if (RangeOf(block) != range)
        {
            picker.Release(block, source.Number);
            fault = new Fault($"the peer sent {range.Length:N0} bytes for a block of {RangeOf(block).Length:N0}");
            return false;
        }
        source.UnrequestedBlocks = 0;
        source.Rejections = 0;
        source.LastBlock = now;
        source.IsSnubbed = false;
        source.NeedsPick = true;
        source.Window.BlockReceived(clock.GetElapsedTime(requestedAt));
        cancel.Clear();
        Invariant.Holds(picker.Receive(block, source.Number, cancel));
        foreach (var other in cancel)
        {
            var asked = byNumber[other];
            Invariant.Holds(asked.Outstanding.TryRemove(block, out _));
            asked.Cancel(RangeOf(block));
            asked.NeedsPick = true;
            asked.Flush();
        }
        return true;
    }

    /// <summary>Detects snubbing sources and requests blocks; called once per second.</summary>
    public void Tick(DateTimeOffset now)
    {
        fastest = TimeSpan.MaxValue;
        var outstanding = 0;
        foreach (var source in sources)
        {
            source.Window.Tick(source.Rate);
            source.ForgetRejected(now);
            if (source.Outstanding.Count > 0 && now - source.LastBlock > EngineLimits.SnubTimeout)
            {
                Snub(source, now);
            }
            var queueTime = source.QueueTime(now);
            fastest = source.AcceptsRequests && queueTime < fastest ? queueTime : fastest;
            outstanding += source.Outstanding.Count;
        }
        Invariant.Holds(outstanding == picker.RequestCount);
        RequestFromAll(now);
    }

    /// <summary>Requests further blocks from all sources, as after memory became free.</summary>
    public void RequestFromAll(DateTimeOffset now)
    {
        foreach (var source in sources)
        {
            if (source.HasRoom)
            {
                Request(source, now);
            }
            source.Flush();
        }
    }

    /// <summary>Counts a piece that we now have; sources that have nothing else that we want learn of it.</summary>
    public void PieceWritten(PieceIndex piece)
    {
        foreach (var source in sources)
        {
            if (source.Pieces is { } pieces && pieces[piece])
            {
                source.InterestingPieces--;
                ShowInterest(source);
            }
        }
    }

    /// <summary>Updates our interest in all sources after the wanted pieces changed.</summary>
    public void WantedChanged()
    {
        foreach (var source in sources)
        {
            CountInteresting(source);
            source.NeedsPick = true;
        }
    }

    /// <summary>Cancels the requests of a piece that is not wanted any more, and forgets its blocks.</summary>
    public void Discard(PieceIndex piece)
    {
        foreach (var source in sources)
        {
            if (ReleaseWhere(source, block => block.Piece == piece, sendCancel: true))
            {
                source.Flush();
            }
        }
        totals.RedundantBytes += (long)picker.Partial(piece)!.ReceivedBlocks * PeerLimits.BlockBytes;
        picker.Discard(piece);
    }

    /// <summary>
    /// Why requests and the picker's marks differ; null when they are equal. For tests: it costs time.
    /// </summary>
    public string? FindDifference()
    {
        var marks = 0;
        foreach (var partial in picker.Partials)
        {
            for (var i = 0; i < partial.BlockCount; i++)
            {
                marks += partial.RequestCount(i);
            }
        }
        foreach (var source in sources)
        {
            for (var i = 0; i < source.Outstanding.Count; i++)
            {
                var block = source.Outstanding[i].Block;
                if (picker.Partial(block.Piece)?.IsRequestedFrom(block.Block, source.Number) != true)
                {
                    return $"source {source.Number} was asked for {block}, which the picker does not know";
                }
                marks--;
            }
        }
        return marks == 0 ? null : $"the picker marks {marks} requests that no source has";
    }

    public BlockRange RangeOf(PieceBlock block)
    {
        var begin = block.Block * PeerLimits.BlockBytes;
        return new BlockRange(block.Piece, begin, Math.Min(PeerLimits.BlockBytes, contentSize(block.Piece) - begin));
    }

    private static PieceBlock BlockAt(BlockRange range) => new(range.Piece, range.Begin / PeerLimits.BlockBytes);

    /// <summary>
    /// Blocks to repeat in the endgame: what the source sends in a quarter of a second, but at least one.
    /// </summary>
    private static int Repeats(BlockSource source) =>
        (int)Math.Clamp(source.Rate / (4 * PeerLimits.BlockBytes), 1, EngineLimits.MinRequestQueue);

    private void Snub(BlockSource source, DateTimeOffset now)
    {
        source.IsSnubbed = true;
        // It may still send what was requested; the cancels keep it from sending that too late.
        ReleaseWhere(source, _ => true, sendCancel: true);
        picker.EndReservations(source.Number);
        source.Window.Snubbed();
        source.LastBlock = now;
    }

    /// <summary>Drops all requests to the source, because it will answer none of them.</summary>
    private void ReleaseAll(BlockSource source)
    {
        ReleaseWhere(source, _ => true, sendCancel: false);
        picker.EndReservations(source.Number);
    }

    /// <summary>Drops the requests for pieces that the source does not have any more.</summary>
    private void ReleaseMissing(BlockSource source, PieceSet pieces) =>
        ReleaseWhere(source, block => !pieces[block.Piece], sendCancel: false);

    private bool ReleaseWhere(BlockSource source, Func<PieceBlock, bool> condition, bool sendCancel)
    {
        var before = source.Outstanding.Count;
        for (var i = 0; i < source.Outstanding.Count; )
        {
            var block = source.Outstanding[i].Block;
            if (!condition(block))
            {
                i++;
                continue;
            }
            source.Outstanding.RemoveAt(i);
            picker.Release(block, source.Number);
            if (sendCancel)
            {
                source.Cancel(RangeOf(block));
            }
        }
        return source.Outstanding.Count < before;
    }

    private void CountInteresting(BlockSource source)
    {
        if (source.Pieces is not { } pieces)
        {
            return;
        }
        source.InterestingPieces = 0;
        for (var i = 0; i < pieces.Count; i++)
        {
            var piece = new PieceIndex(i);
            if (pieces[piece] && picker.Wants(piece))
            {
                source.InterestingPieces++;
            }
        }
        ShowInterest(source);
    }

    private static void ShowInterest(BlockSource source)
    {
        Invariant.Holds(source.InterestingPieces >= 0);
        source.ShowInterest(source.InterestingPieces > 0);
    }
}
