using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Picking;

/// <summary>
/// The pieces that are missing, wanted and not started, by priority and then by rarity. Also counts how many peers have
/// each piece of the torrent.
/// </summary>
internal sealed class WantedOrder
{
    private readonly Entropy entropy;
    private readonly byte[] priorities;
    private readonly int[] availability;
    private readonly int[] positions;
    private readonly RarityOrder?[] orders = new RarityOrder?[PiecePicker.HighestPriority + 1];
    private int sequentialStart;

    /// <param name="priorities">The priority of each piece; a piece is removed before its priority changes.</param>
    /// <param name="entropy">Breaks ties between equal pieces.</param>
    public WantedOrder(byte[] priorities, Entropy entropy)
    {
        this.priorities = priorities;
        this.entropy = entropy;
        availability = new int[priorities.Length];
        positions = new int[priorities.Length];
        Array.Fill(positions, -1);
    }

    public int Count { get; private set; }

    /// <summary>How many counted peers have each piece.</summary>
    public ReadOnlySpan<int> Availability => availability;

    public bool Contains(PieceIndex piece) => positions[piece.Value] >= 0;

    /// <summary>Adds a piece unless its priority is 0.</summary>
    public void Add(PieceIndex piece)
    {
        var priority = priorities[piece.Value];
        if (priority > 0)
        {
            (orders[priority] ??= new RarityOrder(positions)).Add(piece, availability[piece.Value]);
            Count++;
        }
        sequentialStart = Math.Min(sequentialStart, piece.Value);
    }

    public void Remove(PieceIndex piece)
    {
        if (Contains(piece))
        {
            orders[priorities[piece.Value]]!.Remove(piece, availability[piece.Value]);
            Count--;
        }
    }

    /// <summary>Counts the pieces of a peer. Seeds need not be counted, as they do not change the order.</summary>
    public void AddPeer(PieceSet pieces)
    {
        for (var i = 0; i < availability.Length; i++)
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
        for (var i = 0; i < availability.Length; i++)
        {
            if (pieces[new PieceIndex(i)])
            {
                RemoveHave(new PieceIndex(i));
            }
        }
    }

    /// <summary>Counts one more piece of a peer that is already counted.</summary>
    public void AddHave(PieceIndex piece)
    {
        ref var count = ref availability[piece.Value];
        if (Contains(piece))
        {
            orders[priorities[piece.Value]]!.Increment(piece, count);
        }
        count++;
    }

    /// <summary>Counts one piece less of a peer that is counted.</summary>
    public void RemoveHave(PieceIndex piece)
    {
        ref var count = ref availability[piece.Value];
        Invariant.Holds(count > 0);
        if (Contains(piece))
        {
            orders[priorities[piece.Value]]!.Decrement(piece, count);
        }
        count--;
    }

    /// <summary>The piece to start next; null when the source may be asked for none.</summary>
    public PieceIndex? Choose(in PickRequest request, bool sequential, bool random)
    {
        if (Count == 0)
        {
            return null;
        }
        if (request.AllowedFast is { } allowed)
        {
            foreach (var piece in allowed)
            {
                if (Contains(piece) && request.Allows(piece))
                {
                    return piece;
                }
            }
            return null;
        }
        for (var priority = PiecePicker.HighestPriority; priority > 0; priority--)
        {
            if (orders[priority] is not { Count: > 0 } order)
            {
                continue;
            }
            var chosen =
                sequential ? ChooseFirst(request, priority)
                : random ? ChooseRandom(request, priority)
                : ChooseRarest(request, order);
            if (chosen is not null)
            {
                return chosen;
            }
        }
        return null;
    }

    private PieceIndex? ChooseRarest(in PickRequest request, RarityOrder order)
    {
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
                if (request.Allows(piece))
                {
                    return piece;
                }
            }
        }
        return null;
    }

    private PieceIndex? ChooseFirst(in PickRequest request, int priority)
    {
        while (sequentialStart < positions.Length && positions[sequentialStart] < 0)
        {
            sequentialStart++;
        }
        for (var i = sequentialStart; i < positions.Length; i++)
        {
            if (CanStart(new PieceIndex(i), request, priority))
            {
                return new PieceIndex(i);
            }
        }
        return null;
    }

    private PieceIndex? ChooseRandom(in PickRequest request, int priority)
    {
        var from = entropy.Next(positions.Length);
        for (var i = 0; i < positions.Length; i++)
        {
            var piece = new PieceIndex((from + i) % positions.Length);
            if (CanStart(piece, request, priority))
            {
                return piece;
            }
        }
        return null;
    }

    private bool CanStart(PieceIndex piece, in PickRequest request, int priority) =>
        Contains(piece) && priorities[piece.Value] == priority && request.Allows(piece);
}
