using System.Runtime.InteropServices;
using Anatomic.Wire;

namespace Anatomic.Engine.Picking;

/// <summary>
/// Pieces sorted by availability, the number of peers that have them, rarest first. One array is divided into buckets
/// of equal availability; a piece moves to the adjacent bucket with one swap.
/// </summary>
internal sealed class RarityOrder
{
    private readonly int[] positions;
    private readonly List<PieceIndex> order = [];

    // starts[a] is the start of bucket a; the last entry is the end of the last bucket.
    private readonly List<int> starts = [0, 0];

    /// <param name="positions">
    /// The position of each piece in its order; -1 when it is in none. The orders of all priorities share it, as a
    /// piece is in at most one of them.
    /// </param>
    public RarityOrder(int[] positions) => this.positions = positions;

    public int Count => order.Count;

    public int BucketCount => starts.Count - 1;

    public ReadOnlySpan<PieceIndex> Bucket(int availability) =>
        CollectionsMarshal.AsSpan(order)[starts[availability]..starts[availability + 1]];

    public void Add(PieceIndex piece, int availability)
    {
        EnsureBucket(availability);
        order.Add(piece);
        positions[piece.Value] = order.Count - 1;
        starts[^1] = order.Count;
        for (var bucket = BucketCount - 1; bucket > availability; bucket--)
        {
            Swap(starts[bucket], positions[piece.Value]);
            starts[bucket]++;
        }
    }

    public void Remove(PieceIndex piece, int availability)
    {
        for (var bucket = availability; bucket < BucketCount; bucket++)
        {
            Swap(starts[bucket + 1] - 1, positions[piece.Value]);
            starts[bucket + 1]--;
        }
        Invariant.Holds(order[^1] == piece);
        order.RemoveAt(order.Count - 1);
        positions[piece.Value] = -1;
    }

    /// <summary>Moves the piece one bucket up: one more peer has it than <paramref name="availability"/>.</summary>
    public void Increment(PieceIndex piece, int availability)
    {
        EnsureBucket(availability + 1);
        Swap(starts[availability + 1] - 1, positions[piece.Value]);
        starts[availability + 1]--;
    }

    /// <summary>Moves the piece one bucket down: one peer fewer has it than <paramref name="availability"/>.</summary>
    public void Decrement(PieceIndex piece, int availability)
    {
        Swap(starts[availability], positions[piece.Value]);
        starts[availability]++;
    }

    private void EnsureBucket(int availability)
    {
        while (BucketCount <= availability)
        {
            starts.Add(order.Count);
        }
    }

    private void Swap(int a, int b)
    {
        (order[a], order[b]) = (order[b], order[a]);
        positions[order[a].Value] = a;
        positions[order[b].Value] = b;
    }
}
