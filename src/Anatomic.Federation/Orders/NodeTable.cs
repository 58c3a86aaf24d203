using Anatomic.Federation.Tables;
using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Orders;

/// <summary>
/// Interns the ids of nodes that orders name: each id is stored once, under a small number. References to a number are
/// counted; without any, it is reused for another node.
/// </summary>
internal sealed class NodeTable
{
    private readonly TableSeed seed;
    private readonly ChunkedArray<Named> rows = new();
    private readonly ChainedIndex<Named, ById> byId;
    private int used;
    private int free = ChainedIndex<Named, ById>.None;

    public NodeTable(TableSeed seed)
    {
        this.seed = seed;
        byId = new(rows, seed);
    }

    private struct Named
    {
        public NodeId Id;
        public int References;

        /// <summary>The next number of the bucket, or the next free number.</summary>
        public int Next;
    }

    private readonly struct ById : IChainLink<Named>
    {
        public static ref int Next(ref Named row) => ref row.Next;

        public static uint Mix(in Named row, in TableSeed seed) => seed.Mix(row.Id.Value);
    }

    /// <summary>The number of interned nodes.</summary>
    public int Count => byId.Count;

    public NodeId this[int number] => rows[number].Id;

    /// <summary>A node's number; -1: it has none.</summary>
    public int Find(NodeId id)
    {
        var number = byId.First(seed.Mix(id.Value));
        while (number >= 0 && rows[number].Id != id)
        {
            number = byId.NextOf(number);
        }
        return number;
    }

    /// <summary>A node's number, with one more reference. <see cref="Release"/> must follow for each call.</summary>
    public int AddReference(NodeId id)
    {
        var number = Find(id);
        if (number < 0)
        {
            number = NewNumber();
            rows[number] = new Named { Id = id };
            byId.Add(number);
        }
        rows[number].References++;
        return number;
    }

    public void Release(int number)
    {
        if (--rows[number].References == 0)
        {
            byId.Remove(number);
            rows[number].Next = free;
            free = number;
        }
    }

    private int NewNumber()
    {
        if (free < 0)
        {
            Invariant.Holds(used < CandidateList.MaxNumbers);
            rows.EnsureLength(++used);
            return used - 1;
        }
        var number = free;
        free = rows[number].Next;
        return number;
    }
}
