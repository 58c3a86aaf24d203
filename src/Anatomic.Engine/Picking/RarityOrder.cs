using Anatomic.Wire;

namespace Anatomic.Engine.Picking;

/// <summary>
/// Pieces sorted by how many peers have them, the rarest first. One array, cut into buckets of equal availability, so that a
/// piece moves to the neighbouring bucket by one swap.
/// </summary>
internal sealed class RarityOrder
{
    private readonly int[] place;
    private readonly List<int> order = [];

    // begins[a] is where bucket a begins; the last entry is the end of the last bucket.
    private readonly List<int> begins = [0, 0];

    /// <param name="place">Where each piece stands, shared by the orders of all priorities: a piece is in at most one.</param>
    public RarityOrder(int[] place) => this.place = place;

    public int Count => order.Count;

    public int Buckets => begins.Count - 1;

    public ReadOnlySpan<int> Bucket(int availability) =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(order)[begins[availability]..begins[availability + 1]];

    public void Add(int piece, int availability)
    {
        Reach(availability);
        order.Add(piece);
        place[piece] = order.Count - 1;
        begins[^1] = order.Count;
        for (var bucket = Buckets - 1; bucket > availability; bucket--)
        {
            Swap(begins[bucket], place[piece]);
            begins[bucket]++;
        }
    }

    public void Remove(int piece, int availability)
    {
        for (var bucket = availability; bucket < Buckets; bucket++)
        {
            Swap(begins[bucket + 1] - 1, place[piece]);
            begins[bucket + 1]--;
        }
        Invariant.Holds(order[^1] == piece);
        order.RemoveAt(order.Count - 1);
        place[piece] = -1;
    }

    /// <summary>One more peer has the piece.</summary>
    public void Raise(int piece, int availability)
    {
        Reach(availability + 1);
        Swap(begins[availability + 1] - 1, place[piece]);
        begins[availability + 1]--;
    }

    /// <summary>One peer less has the piece.</summary>
    public void Lower(int piece, int availability)
    {
        Swap(begins[availability], place[piece]);
        begins[availability]++;
    }

    private void Reach(int availability)
    {
        while (Buckets <= availability)
        {
            begins.Add(order.Count);
        }
    }

    private void Swap(int a, int b)
    {
        (order[a], order[b]) = (order[b], order[a]);
        place[order[a]] = a;
        place[order[b]] = b;
    }
}
