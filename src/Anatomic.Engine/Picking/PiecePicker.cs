using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Picking;

/// <summary>
/// Decides which blocks to request. Partial pieces come first, then the highest priority, then the rarest piece, at
/// random among equals. The first pieces are picked at random, and all in order when <see cref="Sequential"/> is set.
/// In the endgame, blocks are also requested from further peers.
/// </summary>
internal sealed class PiecePicker
{
    public const byte NormalPriority = 4;
    private const int HighestPriority = 7;

    /// <summary>
    /// Below this number of pieces we pick at random: any complete piece is worth more than a rare one (BEP 3's random
    /// first piece).
    /// </summary>
    private const int RandomFirstPieces = 4;

    private readonly Func<PieceIndex, int> blockCount;
    private readonly Entropy entropy;
    private readonly PieceState[] states;
    private readonly byte[] priorities;
    private readonly int[] availability;
    private readonly int[] positions;
    private readonly RarityOrder?[] orders = new RarityOrder?[HighestPriority + 1];
    private readonly List<PartialPiece> partials = [];
    private readonly Dictionary<PieceIndex, PartialPiece> partialByPiece = [];
    private readonly HashSet<PieceIndex> onParole = [];
    private int haveCount;
    private int sequentialStart;

    /// <param name="pieceCount">The number of pieces.</param>
    /// <param name="blockCount">Returns the number of blocks to request of a piece.</param>
    /// <param name="entropy">Breaks ties between equal pieces.</param>
    public PiecePicker(int pieceCount, Func<PieceIndex, int> blockCount, Entropy entropy)
    {
        this.blockCount = blockCount;
        this.entropy = entropy;
        states = new PieceState[pieceCount];
        priorities = new byte[pieceCount];
        availability = new int[pieceCount];
        positions = new int[pieceCount];
        Array.Fill(positions, -1);
        for (var i = 0; i < pieceCount; i++)
        {
            SetPriority(new PieceIndex(i), NormalPriority);
        }
    }

    /// <summary>Picks pieces in order instead of the rarest first.</summary>
    public bool Sequential { get; set; }

    public int PieceCount => states.Length;

    /// <summary>Wanted pieces that we do not have yet.</summary>
    public int Remaining { get; private set; }

    /// <summary>Wanted pieces of which no block is requested.</summary>
    public int Unstarted { get; private set; }

    public IReadOnlyList<PartialPiece> Partials => partials;

    public PieceState State(PieceIndex piece) => states[piece.Value];

    public bool Wants(PieceIndex piece) => priorities[piece.Value] > 0 && State(piece) != PieceState.Have;

    public PartialPiece? Partial(PieceIndex piece) => partialByPiece.GetValueOrDefault(piece);

    /// <summary>Sets the priority with which a piece is picked.</summary>
    /// <param name="priority">0: not wanted; 1 to 7, where 7 is picked first.</param>
    public void SetPriority(PieceIndex piece, byte priority)
    {
        Invariant.Holds(priority <= HighestPriority);
        var before = priorities[piece.Value];
        if (before == priority)
        {
            return;
        }
        if (State(piece) == PieceState.Missing)
        {
            RemoveFromOrder(piece);
        }
        priorities[piece.Value] = priority;
        if (State(piece) == PieceState.Missing)
        {
            AddToOrder(piece);
        }
        if (State(piece) != PieceState.Have)
        {
            Remaining += (priority > 0 ? 1 : 0) - (before > 0 ? 1 : 0);
        }
        sequentialStart = 0;
    }

    /// <summary>Marks a missing piece that was found valid on disk.</summary>
    public void MarkHave(PieceIndex piece)
    {
        Invariant.Holds(State(piece) == PieceState.Missing);
        RemoveFromOrder(piece);
        SetHave(piece);
    }

    /// <summary>Counts the pieces of a peer. Seeds need not be counted, as they do not change the order.</summary>
    public void AddPeer(PieceSet pieces)
    {
        for (var i = 0; i < PieceCount; i++)
        {
            if (pieces[new PieceIndex(i)])
            {
                AddHave(new PieceIndex(i));
            }
        }
    }

    /// <summary>Removes the pieces of a peer from the count.</summary>
    public void RemovePeer(PieceSet pieces)
    {
        for (var i = 0; i < PieceCount; i++)
        {
            var piece = new PieceIndex(i);
            if (!pieces[piece])
            {
                continue;
            }
            Invariant.Holds(availability[i] > 0);
            if (positions[i] >= 0)
            {
                orders[priorities[i]]!.Decrement(piece, availability[i]);
            }
            availability[i]--;
        }
    }

    /// <summary>Counts one more piece of a peer that is already counted.</summary>
    public void AddHave(PieceIndex piece)
    {
        ref var count = ref availability[piece.Value];
        if (IsInOrder(piece))
        {
            orders[priorities[piece.Value]]!.Increment(piece, count);
        }
        count++;
    }

    /// <summary>
    /// Picks blocks and marks them as requested; returns how many were written to <paramref name="into"/>.
    /// </summary>
    public int Pick(in PickRequest request, Span<PieceBlock> into)
    {
        var count = PickPartials(request, into, own: true);
        count += PickPartials(request, into[count..], own: false);
        var started = 0;
        while (count < into.Length && started < request.MaxNewPieces && ChooseNew(request) is { } piece)
        {
            var partial = Start(piece, request.PeerNumber);
            count += PickFrom(partial, request.PeerNumber, into[count..]);
            started++;
        }
        if (count < into.Length && Unstarted == 0)
        {
            count += PickEndgame(request, into[count..]);
        }
        return count;
    }

    /// <summary>Records a received block. Returns false when the block is no longer needed.</summary>
    /// <param name="peer">The number of the peer that sent it.</param>
    /// <param name="cancel">Receives the other peers from which the block was requested.</param>
    public bool Receive(PieceBlock block, int peer, List<int> cancel)
    {
        if (!partialByPiece.TryGetValue(block.Piece, out var partial) || partial.IsReceived(block.Block))
        {
            return false;
        }
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
    /// Drops a request that the peer will not answer: it rejected it, choked us, timed out or disconnected.
    /// </summary>
    public void Release(PieceBlock block, int peer)
    {
        if (State(block.Piece) == PieceState.Partial)
        {
            partialByPiece[block.Piece].Release(block.Block, peer);
        }
    }

    /// <summary>Marks a complete piece as verified and written.</summary>
    public void PieceWritten(PieceIndex piece)
    {
        Invariant.Holds(State(piece) == PieceState.Complete);
        partialByPiece.Remove(piece);
        onParole.Remove(piece);
        SetHave(piece);
    }

    /// <summary>Restarts a complete piece whose hash was wrong or whose write failed.</summary>
    /// <param name="parole">Request it from a single peer only, so that another failure identifies the sender.</param>
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

    /// <summary>Lets other peers continue the pieces that were reserved for a disconnected peer.</summary>
    public void PeerDisconnected(int peer)
    {
        foreach (var partial in partials)
        {
            if (partial.OnlyPeer == peer)
            {
                partial.OnlyPeer = 0;
            }
        }
    }

    /// <summary>
    /// Discards the partial piece with the fewest received blocks, among those with no outstanding request; null when
    /// there is none.
    /// </summary>
    public PieceIndex? Evict()
    {
        PartialPiece? smallest = null;
        foreach (var partial in partials)
        {
            var isIdle = partial.UnrequestedBlocks + partial.ReceivedBlocks == partial.BlockCount;
            if (isIdle && (smallest is null || partial.ReceivedBlocks < smallest.ReceivedBlocks))
            {
                smallest = partial;
            }
        }
        if (smallest is null)
        {
            return null;
        }
        partials.Remove(smallest);
        partialByPiece.Remove(smallest.Piece);
        Restart(smallest.Piece);
        return smallest.Piece;
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
        AddToOrder(piece);
        sequentialStart = 0;
    }

    /// <summary>Picks from partial pieces: the peer's own, which it requested last, or those of other peers.</summary>
    private int PickPartials(in PickRequest request, Span<PieceBlock> into, bool own)
    {
        var count = 0;
        for (var i = 0; i < partials.Count && count < into.Length; i++)
        {
            var partial = partials[i];
            if (
                partial.UnrequestedBlocks > 0
                && (partial.LastPeer == request.PeerNumber) == own
                && (partial.OnlyPeer == 0 || partial.OnlyPeer == request.PeerNumber)
                && priorities[partial.Piece.Value] > 0
                && CanRequest(request, partial.Piece)
            )
            {
                count += PickFrom(partial, request.PeerNumber, into[count..]);
            }
        }
        return count;
    }

    private static bool CanRequest(in PickRequest request, PieceIndex piece) =>
        request.Pieces[piece] && (request.AllowedFast is null || request.AllowedFast.Contains(piece));

    private static int PickFrom(PartialPiece partial, int peer, Span<PieceBlock> into)
    {
        var count = 0;
        var block = partial.NextUnrequested(0);
        while (block >= 0 && count < into.Length)
        {
            partial.Request(block, peer);
            into[count++] = new PieceBlock(partial.Piece, block);
            block = partial.NextUnrequested(block + 1);
        }
        return count;
    }

    private PartialPiece Start(PieceIndex piece, int peer)
    {
        Invariant.Holds(State(piece) == PieceState.Missing);
        RemoveFromOrder(piece);
        states[piece.Value] = PieceState.Partial;
        var partial = new PartialPiece(piece, blockCount(piece)) { OnlyPeer = onParole.Contains(piece) ? peer : 0 };
        partials.Add(partial);
        partialByPiece.Add(piece, partial);
        return partial;
    }

    private PieceIndex? ChooseNew(in PickRequest request)
    {
        if (Unstarted == 0)
        {
            return null;
        }
        if (request.AllowedFast is { } allowed)
        {
            foreach (var piece in allowed)
            {
                if (IsInOrder(piece) && request.Pieces[piece])
                {
                    return piece;
                }
            }
            return null;
        }
        for (var priority = HighestPriority; priority > 0; priority--)
        {
            if (orders[priority] is { Count: > 0 } order && ChooseFrom(request.Pieces, order, priority) is { } piece)
            {
                return piece;
            }
        }
        return null;
    }

    private PieceIndex? ChooseFrom(PieceSet pieces, RarityOrder order, int priority)
    {
        if (Sequential)
        {
            return ChooseFirst(pieces, priority);
        }
        if (haveCount < RandomFirstPieces && ChooseRandom(pieces, priority) is { } any)
        {
            return any;
        }
        for (var rarity = 0; rarity < order.BucketCount; rarity++)
        {
            var bucket = order.Bucket(rarity);
            if (bucket.IsEmpty)
            {
                continue;
            }
            var from = entropy.Next(bucket.Length);
            for (var i = 0; i < bucket.Length; i++)
            {
                var piece = bucket[(from + i) % bucket.Length];
                if (pieces[piece])
                {
                    return piece;
                }
            }
        }
        return null;
    }

    private PieceIndex? ChooseFirst(PieceSet pieces, int priority)
    {
        while (sequentialStart < PieceCount && positions[sequentialStart] < 0)
        {
            sequentialStart++;
        }
        for (var i = sequentialStart; i < PieceCount; i++)
        {
            if (CanStart(new PieceIndex(i), pieces, priority))
            {
                return new PieceIndex(i);
            }
        }
        return null;
    }

    private PieceIndex? ChooseRandom(PieceSet pieces, int priority)
    {
        var from = entropy.Next(PieceCount);
        for (var i = 0; i < PieceCount; i++)
        {
            var piece = new PieceIndex((from + i) % PieceCount);
            if (CanStart(piece, pieces, priority))
            {
                return piece;
            }
        }
        return null;
    }

    private bool CanStart(PieceIndex piece, PieceSet pieces, int priority) =>
        IsInOrder(piece) && priorities[piece.Value] == priority && pieces[piece];

    private int PickEndgame(in PickRequest request, Span<PieceBlock> into)
    {
        if (partials.Count == 0)
        {
            return 0;
        }
        var count = 0;
        var from = entropy.Next(partials.Count);
        for (var i = 0; i < partials.Count && count < into.Length; i++)
        {
            var partial = partials[(from + i) % partials.Count];
            if (
                (partial.OnlyPeer != 0 && partial.OnlyPeer != request.PeerNumber)
                || priorities[partial.Piece.Value] == 0
                || !CanRequest(request, partial.Piece)
            )
            {
                continue;
            }
            for (var block = 0; block < partial.BlockCount && count < into.Length; block++)
            {
                if (
                    partial.RequestCount(block) is > 0 and < EngineLimits.MaxEndgameRequests
                    && !partial.IsRequestedFrom(block, request.PeerNumber)
                )
                {
                    partial.RequestAgain(block, request.PeerNumber);
                    into[count++] = new PieceBlock(partial.Piece, block);
                }
            }
        }
        return count;
    }

    /// <summary>Whether the piece is missing and wanted, and therefore in the order of its priority.</summary>
    private bool IsInOrder(PieceIndex piece) => positions[piece.Value] >= 0;

    private void AddToOrder(PieceIndex piece)
    {
        var priority = priorities[piece.Value];
        if (priority > 0)
        {
            (orders[priority] ??= new RarityOrder(positions)).Add(piece, availability[piece.Value]);
            Unstarted++;
        }
    }

    private void RemoveFromOrder(PieceIndex piece)
    {
        if (IsInOrder(piece))
        {
            orders[priorities[piece.Value]]!.Remove(piece, availability[piece.Value]);
            Unstarted--;
        }
    }
}
