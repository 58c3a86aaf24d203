using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Picking;

/// <summary>The one state of a piece.</summary>
internal enum PieceState : byte
{
    /// <summary>Nothing of it is asked for.</summary>
    Missing,

    /// <summary>Blocks are asked for or here.</summary>
    Partial,

    /// <summary>Every block is here; it is hashed, then written.</summary>
    Whole,

    /// <summary>Verified and written.</summary>
    Had,
}

/// <summary>Who asks for something to request.</summary>
/// <param name="Peer">The peer's number, above 0.</param>
/// <param name="Has">Its pieces.</param>
/// <param name="Only">While it chokes: the pieces that it gives all the same (BEP 6); null when it does not choke.</param>
/// <param name="MaxNewPieces">How many new pieces the memory has room for.</param>
internal readonly record struct PickRequest(int Peer, PieceSet Has, IReadOnlyCollection<int>? Only, int MaxNewPieces);

internal readonly record struct PieceBlock(int Piece, int Block);

/// <summary>
/// Decides what to request: partial pieces first, then the highest priority, then the rarest piece, at random among equals; the
/// first pieces at random; in order when sequential; in the endgame what others were asked for, too.
/// </summary>
internal sealed class PiecePicker
{
    public const byte NormalPriority = 4;
    private const int HighestPriority = 7;

    /// <summary>So few pieces are had: any whole piece is worth more than a rare one (BEP 3's random first piece).</summary>
    private const int RandomFirst = 4;

    /// <summary>Peers asked for one block in the endgame.</summary>
    private const int MaxAskers = 3;

    private readonly Func<int, int> blocks;
    private readonly Entropy entropy;
    private readonly PieceState[] states;
    private readonly byte[] priorities;
    private readonly int[] availability;
    private readonly int[] place;
    private readonly RarityOrder?[] orders = new RarityOrder?[HighestPriority + 1];
    private readonly List<PartialPiece> partials = [];
    private readonly Dictionary<int, PartialPiece> partialOf = [];
    private readonly HashSet<int> onParole = [];
    private int had;
    private int sequentialFrom;

    /// <param name="pieces">Number of pieces.</param>
    /// <param name="blocks">Blocks to request of a piece.</param>
    /// <param name="entropy">Chooses among equals.</param>
    public PiecePicker(int pieces, Func<int, int> blocks, Entropy entropy)
    {
        this.blocks = blocks;
        this.entropy = entropy;
        states = new PieceState[pieces];
        priorities = new byte[pieces];
        availability = new int[pieces];
        place = new int[pieces];
        Array.Fill(place, -1);
        for (var piece = 0; piece < pieces; piece++)
        {
            SetPriority(piece, NormalPriority);
        }
    }

    public bool Sequential { get; set; }

    public int Pieces => states.Length;

    /// <summary>Pieces that are wanted and not had.</summary>
    public int Remaining { get; private set; }

    /// <summary>Wanted pieces of which nothing is asked for.</summary>
    public int Startable { get; private set; }

    public IReadOnlyList<PartialPiece> Partials => partials;

    public PieceState State(int piece) => states[piece];

    public bool Wants(int piece) => priorities[piece] > 0 && states[piece] != PieceState.Had;

    public PartialPiece? Partial(int piece) => partialOf.GetValueOrDefault(piece);

    /// <param name="piece">The piece.</param>
    /// <param name="priority">0: not wanted; 1 to 7, 7 first.</param>
    public void SetPriority(int piece, byte priority)
    {
        Invariant.Holds(priority <= HighestPriority);
        var before = priorities[piece];
        if (before == priority)
        {
            return;
        }
        if (states[piece] == PieceState.Missing)
        {
            Unlist(piece);
        }
        priorities[piece] = priority;
        if (states[piece] == PieceState.Missing)
        {
            List(piece);
        }
        if (states[piece] != PieceState.Had)
        {
            Remaining += (priority > 0 ? 1 : 0) - (before > 0 ? 1 : 0);
        }
        sequentialFrom = 0;
    }

    /// <summary>The piece was found good on disk.</summary>
    public void Found(int piece)
    {
        Invariant.Holds(states[piece] == PieceState.Missing);
        Unlist(piece);
        Have(piece);
    }

    /// <summary>A peer has said what it has; peers that have everything need not be counted.</summary>
    public void AddPeer(PieceSet has)
    {
        for (var piece = 0; piece < Pieces; piece++)
        {
            if (has[piece])
            {
                AddHave(piece);
            }
        }
    }

    public void RemovePeer(PieceSet has)
    {
        for (var piece = 0; piece < Pieces; piece++)
        {
            if (!has[piece])
            {
                continue;
            }
            Invariant.Holds(availability[piece] > 0);
            if (place[piece] >= 0)
            {
                orders[priorities[piece]]!.Lower(piece, availability[piece]);
            }
            availability[piece]--;
        }
    }

    public void AddHave(int piece)
    {
        if (place[piece] >= 0)
        {
            orders[priorities[piece]]!.Raise(piece, availability[piece]);
        }
        availability[piece]++;
    }

    /// <summary>Chooses blocks and marks them as asked for; returns how many.</summary>
    public int Pick(in PickRequest ask, Span<PieceBlock> into)
    {
        var count = PickPartials(ask, into, own: true);
        count += PickPartials(ask, into[count..], own: false);
        var started = 0;
        while (count < into.Length && started < ask.MaxNewPieces && ChooseNew(ask) is >= 0 and var piece)
        {
            var partial = Start(piece, ask.Peer);
            count += PickFrom(partial, ask.Peer, into[count..]);
            started++;
        }
        if (count < into.Length && Startable == 0)
        {
            count += PickEndgame(ask, into[count..]);
        }
        return count;
    }

    /// <summary>The block has come. False: it is of no use any more.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="block">The block.</param>
    /// <param name="peer">Who sent it.</param>
    /// <param name="cancel">Gets the peers that were asked for it, too.</param>
    public bool Take(int piece, int block, int peer, List<int> cancel)
    {
        if (!partialOf.TryGetValue(piece, out var partial) || partial.IsHere(block))
        {
            return false;
        }
        partial.Take(block, peer, cancel);
        if (partial.IsWhole)
        {
            Invariant.Holds(states[piece] == PieceState.Partial);
            states[piece] = PieceState.Whole;
            partials.Remove(partial);
        }
        return true;
    }

    /// <summary>The peer will not send the block: rejected, choked, timed out or gone.</summary>
    public void Release(int piece, int block, int peer)
    {
        if (states[piece] == PieceState.Partial)
        {
            partialOf[piece].Release(block, peer);
        }
    }

    /// <summary>The whole piece is verified and written.</summary>
    public void Written(int piece)
    {
        Invariant.Holds(states[piece] == PieceState.Whole);
        partialOf.Remove(piece);
        onParole.Remove(piece);
        Have(piece);
    }

    /// <summary>The whole piece is not what its hash says, or could not be written: it is fetched anew.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="parole">Only one peer shall give it, so that a further failure is proof.</param>
    public void Failed(int piece, bool parole)
    {
        Invariant.Holds(states[piece] == PieceState.Whole);
        partialOf.Remove(piece);
        if (parole)
        {
            onParole.Add(piece);
        }
        states[piece] = PieceState.Missing;
        List(piece);
        sequentialFrom = 0;
    }

    /// <summary>A peer is gone: pieces that waited for it alone are open to others.</summary>
    public void Forget(int peer)
    {
        foreach (var partial in partials)
        {
            if (partial.OnlyPeer == peer)
            {
                partial.OnlyPeer = 0;
            }
        }
    }

    /// <summary>Gives up the partial piece with the fewest blocks of which none is on its way; -1 when there is none.</summary>
    public int Evict()
    {
        PartialPiece? least = null;
        foreach (var partial in partials)
        {
            var isIdle = partial.FreeBlocks + partial.HereBlocks == partial.Blocks;
            if (isIdle && (least is null || partial.HereBlocks < least.HereBlocks))
            {
                least = partial;
            }
        }
        if (least is null)
        {
            return -1;
        }
        partials.Remove(least);
        partialOf.Remove(least.Piece);
        states[least.Piece] = PieceState.Missing;
        List(least.Piece);
        sequentialFrom = 0;
        return least.Piece;
    }

    private void Have(int piece)
    {
        states[piece] = PieceState.Had;
        had++;
        if (priorities[piece] > 0)
        {
            Remaining--;
        }
    }

    private int PickPartials(in PickRequest ask, Span<PieceBlock> into, bool own)
    {
        var count = 0;
        for (var i = 0; i < partials.Count && count < into.Length; i++)
        {
            var partial = partials[i];
            if (
                partial.FreeBlocks > 0
                && (partial.LastPeer == ask.Peer) == own
                && (partial.OnlyPeer == 0 || partial.OnlyPeer == ask.Peer)
                && priorities[partial.Piece] > 0
                && MayAsk(ask, partial.Piece)
            )
            {
                count += PickFrom(partial, ask.Peer, into[count..]);
            }
        }
        return count;
    }

    private static bool MayAsk(in PickRequest ask, int piece) =>
        ask.Has[piece] && (ask.Only is null || ask.Only.Contains(piece));

    private static int PickFrom(PartialPiece partial, int peer, Span<PieceBlock> into)
    {
        var count = 0;
        var block = partial.NextFree(0);
        while (block >= 0 && count < into.Length)
        {
            partial.Ask(block, peer);
            into[count++] = new PieceBlock(partial.Piece, block);
            block = partial.NextFree(block + 1);
        }
        return count;
    }

    private PartialPiece Start(int piece, int peer)
    {
        Invariant.Holds(states[piece] == PieceState.Missing);
        Unlist(piece);
        states[piece] = PieceState.Partial;
        var partial = new PartialPiece(piece, blocks(piece)) { OnlyPeer = onParole.Contains(piece) ? peer : 0 };
        partials.Add(partial);
        partialOf.Add(piece, partial);
        return partial;
    }

    private int ChooseNew(in PickRequest ask)
    {
        if (Startable == 0)
        {
            return -1;
        }
        if (ask.Only is { } only)
        {
            foreach (var piece in only)
            {
                if (place[piece] >= 0 && ask.Has[piece])
                {
                    return piece;
                }
            }
            return -1;
        }
        for (var priority = HighestPriority; priority > 0; priority--)
        {
            if (orders[priority] is { Count: > 0 } order && ChooseOf(ask.Has, order, priority) is >= 0 and var piece)
            {
                return piece;
            }
        }
        return -1;
    }

    private int ChooseOf(PieceSet has, RarityOrder order, int priority)
    {
        if (Sequential)
        {
            return ChooseFirst(has, priority);
        }
        if (had < RandomFirst && ChooseRandom(has, priority) is >= 0 and var any)
        {
            return any;
        }
        for (var bucket = 0; bucket < order.Buckets; bucket++)
        {
            var pieces = order.Bucket(bucket);
            if (pieces.IsEmpty)
            {
                continue;
            }
            var from = entropy.Next(pieces.Length);
            for (var i = 0; i < pieces.Length; i++)
            {
                var piece = pieces[(from + i) % pieces.Length];
                if (has[piece])
                {
                    return piece;
                }
            }
        }
        return -1;
    }

    private int ChooseFirst(PieceSet has, int priority)
    {
        while (sequentialFrom < Pieces && place[sequentialFrom] < 0)
        {
            sequentialFrom++;
        }
        for (var piece = sequentialFrom; piece < Pieces; piece++)
        {
            if (place[piece] >= 0 && priorities[piece] == priority && has[piece])
            {
                return piece;
            }
        }
        return -1;
    }

    private int ChooseRandom(PieceSet has, int priority)
    {
        var from = entropy.Next(Pieces);
        for (var i = 0; i < Pieces; i++)
        {
            var piece = (from + i) % Pieces;
            if (place[piece] >= 0 && priorities[piece] == priority && has[piece])
            {
                return piece;
            }
        }
        return -1;
    }

    private int PickEndgame(in PickRequest ask, Span<PieceBlock> into)
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
                (partial.OnlyPeer != 0 && partial.OnlyPeer != ask.Peer)
                || priorities[partial.Piece] == 0
                || !MayAsk(ask, partial.Piece)
            )
            {
                continue;
            }
            for (var block = 0; block < partial.Blocks && count < into.Length; block++)
            {
                if (partial.Askers(block) is > 0 and < MaxAskers && !partial.IsAsked(block, ask.Peer))
                {
                    partial.AskAgain(block, ask.Peer);
                    into[count++] = new PieceBlock(partial.Piece, block);
                }
            }
        }
        return count;
    }

    private void List(int piece)
    {
        if (priorities[piece] > 0)
        {
            (orders[priorities[piece]] ??= new RarityOrder(place)).Add(piece, availability[piece]);
            Startable++;
        }
    }

    private void Unlist(int piece)
    {
        if (place[piece] >= 0)
        {
            orders[priorities[piece]]!.Remove(piece, availability[piece]);
            Startable--;
        }
    }
}
