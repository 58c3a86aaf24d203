using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Picking;

/// <summary>
/// Decides which blocks to request. Pieces with a deadline come first, then partial pieces, then the highest priority,
/// then the rarest piece, at random among equals. The first pieces are picked at random, and all in order when
/// <see cref="Sequential"/> is set. In the endgame, blocks of slow sources are also requested from faster ones.
/// </summary>
internal sealed class PiecePicker
{
    public const byte NormalPriority = 4;
    public const byte HighestPriority = 7;

    /// <summary>
    /// Below this number of pieces we pick at random: any complete piece is worth more than a rare one (BEP 3's random
    /// first piece).
    /// </summary>
    private const int RandomFirstPieces = 4;

    private readonly Func<PieceIndex, int> blockCount;
    private readonly Entropy entropy;
    private readonly PieceState[] states;
    private readonly byte[] priorities;
    private readonly WantedOrder order;
    private readonly PieceDeadlines deadlines = new();
    private readonly List<PartialPiece> partials = [];
    private readonly Dictionary<PieceIndex, PartialPiece> partialByPiece = [];
    private readonly HashSet<PieceIndex> onParole = [];
    private int haveCount;

    /// <param name="pieceCount">The number of pieces.</param>
    /// <param name="blockCount">Returns the number of blocks to request of a piece.</param>
    /// <param name="entropy">Breaks ties between equal pieces.</param>
    public PiecePicker(int pieceCount, Func<PieceIndex, int> blockCount, Entropy entropy)
    {
        this.blockCount = blockCount;
        this.entropy = entropy;
        states = new PieceState[pieceCount];
        priorities = new byte[pieceCount];
        Array.Fill(priorities, NormalPriority);
        order = new WantedOrder(priorities, entropy);
        for (var i = 0; i < pieceCount; i++)
        {
            order.Add(new PieceIndex(i));
        }
        Remaining = pieceCount;
    }

    /// <summary>Picks pieces in order instead of the rarest first.</summary>
    public bool Sequential { get; set; }

    /// <summary>
    /// Returns the time until a source would send one more block. Without it, any source repeats the requests of any
    /// other in the endgame.
    /// </summary>
    public Func<int, TimeSpan>? QueueTimeOf { get; set; }

    public int PieceCount => states.Length;

    /// <summary>Wanted pieces that we do not have yet.</summary>
    public int Remaining { get; private set; }

    /// <summary>Wanted pieces of which no block is requested.</summary>
    public int Unstarted => order.Count;

    /// <summary>
    /// Requests of all partial pieces together; one block counts once for each source it is asked of.
    /// </summary>
    public int RequestCount { get; private set; }

    public IReadOnlyList<PartialPiece> Partials => partials;

    /// <summary>The partial pieces and those that are complete and not written yet.</summary>
    public IReadOnlyCollection<PartialPiece> Unwritten => partialByPiece.Values;

    /// <summary>The state of every piece.</summary>
    public ReadOnlySpan<PieceState> States => states;

    /// <summary>The priority of every piece.</summary>
    public ReadOnlySpan<byte> Priorities => priorities;

    /// <summary>How many counted peers have each piece; seeds are not counted.</summary>
    public ReadOnlySpan<int> Availability => order.Availability;

    public PieceState State(PieceIndex piece) => states[piece.Value];

    public bool Wants(PieceIndex piece) => priorities[piece.Value] > 0 && State(piece) != PieceState.Have;

    /// <summary>The blocks of a piece that is partial, or complete and not written yet; otherwise null.</summary>
    public PartialPiece? Partial(PieceIndex piece) => partialByPiece.GetValueOrDefault(piece);

    /// <summary>Sets the priority with which a piece is picked.</summary>
    /// <param name="piece">A piece in any state. One that is partial stays so: see <see cref="Discard"/>.</param>
    /// <param name="priority">0: not wanted; 1 to 7, where 7 is picked first.</param>
    public void SetPriority(PieceIndex piece, byte priority)
    {
        Invariant.Holds(priority <= HighestPriority);
        var before = priorities[piece.Value];
        if (before == priority)
        {
            return;
        }
        order.Remove(piece);
        priorities[piece.Value] = priority;
        if (State(piece) == PieceState.Missing)
        {
            order.Add(piece);
        }
        if (State(piece) != PieceState.Have)
        {
            Remaining += (priority > 0 ? 1 : 0) - (before > 0 ? 1 : 0);
        }
    }

    /// <summary>
    /// Picks a piece before all others, from fast sources, so that it is complete at the instant. Near it, its blocks
    /// are requested from several sources.
    /// </summary>
    public void SetDeadline(PieceIndex piece, DateTimeOffset at)
    {
        if (Wants(piece))
        {
            deadlines.Set(piece, at);
        }
    }

    public void ClearDeadline(PieceIndex piece) => deadlines.Clear(piece);

    public void ClearDeadlines() => deadlines.ClearAll();

    /// <summary>Marks a missing piece that was found valid on disk.</summary>
    public void MarkHave(PieceIndex piece)
    {
        Invariant.Holds(State(piece) == PieceState.Missing);
        order.Remove(piece);
        SetHave(piece);
    }

    /// <summary>Marks a piece that we had and whose data is gone.</summary>
    public void MarkLost(PieceIndex piece)
    {
        Invariant.Holds(State(piece) == PieceState.Have);
        haveCount--;
        Remaining += priorities[piece.Value] > 0 ? 1 : 0;
        Restart(piece);
    }

    /// <inheritdoc cref="WantedOrder.AddPeer"/>
    public void AddPeer(PieceSet pieces) => order.AddPeer(pieces);

    /// <inheritdoc cref="WantedOrder.RemovePeer"/>
    public void RemovePeer(PieceSet pieces) => order.RemovePeer(pieces);

    /// <inheritdoc cref="WantedOrder.AddHave"/>
    public void AddHave(PieceIndex piece) => order.AddHave(piece);

    /// <inheritdoc cref="WantedOrder.RemoveHave"/>
    public void RemoveHave(PieceIndex piece) => order.RemoveHave(piece);

    /// <summary>
    /// Picks blocks and marks them as requested; returns how many were written to <paramref name="into"/>.
    /// </summary>
    /// <param name="fastest">The shortest queue time of all sources, for pieces with a deadline.</param>
    public int Pick(in PickRequest request, Span<PieceBlock> into, TimeSpan fastest = default)
    {
        var started = 0;
        var count = deadlines.Count == 0 ? 0 : PickDeadlines(request, into, fastest, ref started);
        count += PickPartials(request, into[count..], own: true);
        count += PickPartials(request, into[count..], own: false);
        while (
            count < into.Length
            && started < request.MaxNewPieces
            && order.Choose(request, Sequential, haveCount < RandomFirstPieces) is { } piece
        )
        {
            var partial = Start(piece, request.PeerNumber);
            count += PickFrom(partial, request.PeerNumber, into[count..]);
            started++;
        }
        if (Unstarted == 0 || request.MaxNewPieces == 0)
        {
            count += PickEndgame(request, into[count..]);
        }
        return count;
    }

    /// <summary>Records a received block. Returns false when the block is no longer needed.</summary>
    /// <param name="peer">The number of the source that sent it.</param>
    /// <param name="cancel">Receives the other sources from which the block was requested.</param>
    public bool Receive(PieceBlock block, int peer, List<int> cancel)
    {
        if (!partialByPiece.TryGetValue(block.Piece, out var partial) || partial.IsReceived(block.Block))
        {
            return false;
        }
        RequestCount -= partial.RequestCount(block.Block);
        partial.Receive(block.Block, peer, cancel);
        if (partial.IsComplete)
        {
            Invariant.Holds(State(block.Piece) == PieceState.Partial);
            states[block.Piece.Value] = PieceState.Complete;
            partials.Remove(partial);
        }
        return true;
    }

    /// <summary>
    /// Drops a request that will not be answered: it was rejected or cancelled, the source choked us, timed out or
    /// disconnected. Every request ends here or in <see cref="Receive"/>, and exactly once.
    /// </summary>
    public void Release(PieceBlock block, int peer)
    {
        Invariant.Holds(partialByPiece.TryGetValue(block.Piece, out var partial) && partial.Release(block.Block, peer));
        RequestCount--;
    }

    /// <summary>Marks a complete piece as verified and written.</summary>
    public void PieceWritten(PieceIndex piece)
    {
        Invariant.Holds(State(piece) == PieceState.Complete);
        partialByPiece.Remove(piece);
        onParole.Remove(piece);
        deadlines.Clear(piece);
        SetHave(piece);
    }

    /// <summary>Restarts a complete piece whose hash was wrong or whose write failed.</summary>
    /// <param name="parole">
    /// Request it from a single source only, so that another failure identifies the sender.
    /// </param>
    public void PieceFailed(PieceIndex piece, bool parole)
    {
        Invariant.Holds(State(piece) == PieceState.Complete);
        partialByPiece.Remove(piece);
        if (parole)
        {
            onParole.Add(piece);
        }
        Restart(piece);
    }

    /// <summary>Lets others continue the pieces that were reserved for a source that sends nothing now.</summary>
    public void EndReservations(int peer)
    {
        foreach (var partial in partials)
        {
            if (partial.OnlyPeer == peer)
            {
                partial.OnlyPeer = 0;
            }
        }
    }

    /// <summary>Forgets the blocks of a partial piece without an outstanding request.</summary>
    public void Discard(PieceIndex piece)
    {
        var partial = partialByPiece[piece];
        Invariant.Holds(State(piece) == PieceState.Partial && partial.IsIdle);
        partials.Remove(partial);
        partialByPiece.Remove(piece);
        Restart(piece);
    }

    /// <summary>
    /// The partial piece with the fewest received blocks, among those with no outstanding request; null when there is
    /// none.
    /// </summary>
    public PieceIndex? SmallestIdle()
    {
        PartialPiece? smallest = null;
        foreach (var partial in partials)
        {
            if (partial.IsIdle && (smallest is null || partial.ReceivedBlocks < smallest.ReceivedBlocks))
            {
                smallest = partial;
            }
        }
        return smallest?.Piece;
    }

    private void SetHave(PieceIndex piece)
    {
        states[piece.Value] = PieceState.Have;
        haveCount++;
        if (priorities[piece.Value] > 0)
        {
            Remaining--;
        }
    }

    private void Restart(PieceIndex piece)
    {
        states[piece.Value] = PieceState.Missing;
        order.Add(piece);
    }

    /// <summary>
    /// Picks from pieces with a deadline, unless the source is too slow for it while another is twice as fast.
    /// </summary>
    private int PickDeadlines(in PickRequest request, Span<PieceBlock> into, TimeSpan fastest, ref int started)
    {
        var count = 0;
        for (var i = 0; i < deadlines.Count && count < into.Length; i++)
        {
            var (at, piece) = deadlines[i];
            var remaining = at - request.Now;
            var isFast = request.QueueTime <= remaining || request.QueueTime / 2 <= fastest;
            if (!isFast || !Wants(piece) || !request.Allows(piece))
            {
                continue;
            }
            if (State(piece) == PieceState.Missing && started < request.MaxNewPieces)
            {
                Start(piece, request.PeerNumber);
                started++;
            }
            if (State(piece) != PieceState.Partial || !IsOpenTo(partialByPiece[piece], request.PeerNumber))
            {
                continue;
            }
            count += PickFrom(partialByPiece[piece], request.PeerNumber, into[count..]);
            if (remaining < EngineLimits.RepeatBeforeDeadline)
            {
                count += Repeat(partialByPiece[piece], request, into[count..]);
            }
        }
        return count;
    }

    private static bool IsOpenTo(PartialPiece partial, int peer) => partial.OnlyPeer == 0 || partial.OnlyPeer == peer;

    /// <summary>Picks from partial pieces: the source's own, which it requested last, or those of others.</summary>
    private int PickPartials(in PickRequest request, Span<PieceBlock> into, bool own)
    {
        var count = 0;
        for (var i = 0; i < partials.Count && count < into.Length; i++)
        {
            var partial = partials[i];
            if (
                partial.UnrequestedBlocks > 0
                && (partial.LastPeer == request.PeerNumber) == own
                && IsOpenTo(partial, request.PeerNumber)
                && priorities[partial.Piece.Value] > 0
                && request.Allows(partial.Piece)
            )
            {
                count += PickFrom(partial, request.PeerNumber, into[count..]);
            }
        }
        return count;
    }

    private int PickFrom(PartialPiece partial, int peer, Span<PieceBlock> into)
    {
        var count = 0;
        var block = partial.NextUnrequested(0);
        while (block >= 0 && count < into.Length)
        {
            partial.Request(block, peer);
            into[count++] = new PieceBlock(partial.Piece, block);
            block = partial.NextUnrequested(block + 1);
        }
        if (partial.OnlyPeer == 0 && count > 0 && onParole.Contains(partial.Piece))
        {
            partial.OnlyPeer = peer;
        }
        RequestCount += count;
        return count;
    }

    private PartialPiece Start(PieceIndex piece, int peer)
    {
        Invariant.Holds(State(piece) == PieceState.Missing);
        order.Remove(piece);
        states[piece.Value] = PieceState.Partial;
        var partial = new PartialPiece(piece, blockCount(piece)) { OnlyPeer = onParole.Contains(piece) ? peer : 0 };
        partials.Add(partial);
        partialByPiece.Add(piece, partial);
        return partial;
    }

    private int PickEndgame(in PickRequest request, Span<PieceBlock> into)
    {
        into = into[..Math.Min(into.Length, request.MaxRepeatedBlocks)];
        if (partials.Count == 0 || into.IsEmpty)
        {
            return 0;
        }
        var count = 0;
        var from = entropy.Next(partials.Count);
        for (var i = 0; i < partials.Count && count < into.Length; i++)
        {
            var partial = partials[(from + i) % partials.Count];
            if (
                IsOpenTo(partial, request.PeerNumber)
                && priorities[partial.Piece.Value] > 0
                && request.Allows(partial.Piece)
            )
            {
                count += Repeat(partial, request, into[count..]);
            }
        }
        return count;
    }

    /// <summary>Requests blocks again that slower sources were asked for.</summary>
    private int Repeat(PartialPiece partial, in PickRequest request, Span<PieceBlock> into)
    {
        var count = 0;
        for (var block = 0; block < partial.BlockCount && count < into.Length; block++)
        {
            if (
                partial.RequestCount(block) is > 0 and < EngineLimits.MaxEndgameRequests
                && !partial.IsRequestedFrom(block, request.PeerNumber)
                && AreSlower(partial, block, request.QueueTime)
            )
            {
                partial.RequestAgain(block, request.PeerNumber);
                into[count++] = new PieceBlock(partial.Piece, block);
            }
        }
        RequestCount += count;
        return count;
    }

    private bool AreSlower(PartialPiece partial, int block, TimeSpan than) =>
        QueueTimeOf is not { } queueTimeOf
        || partial.AllRequests(block, number => queueTimeOf(number) / 2 > than + EngineLimits.RepeatMargin);
}
