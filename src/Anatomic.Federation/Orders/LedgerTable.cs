using Anatomic.Federation.Tables;
using Anatomic.Wire;

namespace Anatomic.Federation.Orders;

/// <summary>
/// The rows of the ledger, indexed by digest and by swarm. A row keeps its number until its order is forgotten. The
/// content of an order never changes, so a row is written once.
/// </summary>
internal sealed class LedgerTable
{
    public const int None = ChainedIndex<LedgerRow, LedgerRow.ByDigest>.None;

    private readonly TableSeed seed;
    private readonly ChunkedArray<LedgerRow> rows = new();
    private readonly ChunkedArray<CandidateList> candidates = new();
    private readonly ChunkedArray<SecondSwarm> seconds = new();
    private readonly ChainedIndex<LedgerRow, LedgerRow.ByDigest> byDigest;
    private readonly ChainedIndex<LedgerRow, LedgerRow.ByFirst> byFirst;
    private readonly ChainedIndex<SecondSwarm, SecondSwarm.BySwarm> bySecond;
    private int free = None;
    private int usedSeconds;
    private int freeSecond = None;

    public LedgerTable(TableSeed seed)
    {
        this.seed = seed;
        byDigest = new(rows, seed);
        byFirst = new(rows, seed);
        bySecond = new(seconds, seed);
        Nodes = new NodeTable(seed);
    }

    public NodeTable Nodes { get; }

    /// <summary>Rows are below this number; some of them may be free.</summary>
    public int Used { get; private set; }

    public ref LedgerRow this[int row] => ref rows[row];

    /// <summary>The row of an order; -1: none.</summary>
    public int Find(in Hash32 digest)
    {
        var row = byDigest.First(seed.Mix(digest));
        while (row != None && rows[row].Digest != digest)
        {
            row = byDigest.NextOf(row);
        }
        return row;
    }

    /// <summary>
    /// The first row, live or ended, with this first swarm; -1: none. Continue with <see cref="NextWithFirst"/>.
    /// </summary>
    public int WithFirst(in Hash20 swarm) => SameFirst(byFirst.First(MixOf(swarm)), swarm);

    public int NextWithFirst(int row, in Hash20 swarm) => SameFirst(byFirst.NextOf(row), swarm);

    /// <summary>Adds all rows, live and ended, of orders with this swarm to a list.</summary>
    public void Find(in Hash20 swarm, List<int> into)
    {
        for (var row = WithFirst(swarm); row != None; row = NextWithFirst(row, swarm))
        {
            into.Add(row);
        }
        for (var at = bySecond.First(MixOf(swarm)); at != None; at = bySecond.NextOf(at))
        {
            if (seconds[at].Swarm == swarm)
            {
                into.Add(seconds[at].Row);
            }
        }
    }

    public OrderSwarms SwarmsOf(int row)
    {
        ref readonly var order = ref rows[row];
        return new(order.First, order.Second == None ? null : seconds[order.Second].Swarm);
    }

    /// <summary>The number of the candidate at a place of a live order.</summary>
    public int CandidateAt(int row, int place) => candidates[row].At(place);

    /// <summary>
    /// The place of a node among the candidates of a live order; -1: it is not a candidate, or the order is not live.
    /// </summary>
    public int PlaceOf(int row, int node) => candidates[row].PlaceOf(node, rows[row].Candidates);

    /// <summary>Adds a row with the content of an order.</summary>
    public int Add(PlantEntry entry)
    {
        var row = NewRow();
        rows[row] = new LedgerRow
        {
            Digest = entry.Digest,
            Signer = entry.Signer,
            First = entry.FirstSwarm,
            Second = entry.Swarms.Count > 1 ? AddSecond(entry.Swarms[1], row) : None,
            At = entry.At,
            Want = (byte)entry.Want,
        };
        byDigest.Add(row);
        byFirst.Add(row);
        return row;
    }

    public void Remove(int row)
    {
        DropCandidates(row);
        byDigest.Remove(row);
        byFirst.Remove(row);
        var second = rows[row].Second;
        if (second != None)
        {
            bySecond.Remove(second);
            seconds[second].Next = freeSecond;
            freeSecond = second;
        }
        rows[row] = new LedgerRow { NextOfSwarm = free };
        free = row;
    }

    public void SetCandidates(int row, PlantEntry entry)
    {
        for (var place = 0; place < entry.Candidates.Count; place++)
        {
            candidates[row].Set(place, Nodes.AddReference(entry.Candidates[place]));
        }
        rows[row].Candidates = entry.Candidates.Count;
    }

    public void DropCandidates(int row)
    {
        for (var place = 0; place < rows[row].Candidates; place++)
        {
            Nodes.Release(CandidateAt(row, place));
        }
        rows[row].Candidates = 0;
    }

    private uint MixOf(in Hash20 swarm) => seed.Mix(swarm.A, swarm.B, swarm.C);

    private int SameFirst(int row, in Hash20 swarm)
    {
        while (row != None && rows[row].First != swarm)
        {
            row = byFirst.NextOf(row);
        }
        return row;
    }

    private int NewRow()
    {
        if (free == None)
        {
            rows.EnsureLength(Used + 1);
            candidates.EnsureLength(Used + 1);
            return Used++;
        }
        var row = free;
        free = rows[row].NextOfSwarm;
        return row;
    }

    private int AddSecond(Hash20 swarm, int row)
    {
        var at = freeSecond;
        if (at == None)
        {
            seconds.EnsureLength(usedSeconds + 1);
            at = usedSeconds++;
        }
        else
        {
            freeSecond = seconds[at].Next;
        }
        seconds[at] = new SecondSwarm { Swarm = swarm, Row = row };
        bySecond.Add(at);
        return at;
    }
}
