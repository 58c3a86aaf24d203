using System.Runtime.InteropServices;
using Anatomic.Federation.Tables;

namespace Anatomic.Federation.Orders;

/// <summary>
/// The ledger's entries by sequence number, 12 bytes each. An entry that changes moves to the end and leaves a hole.
/// When a quarter are holes, one pass closes them, so its cost is spread over that many changes.
/// </summary>
/// <param name="moved">Called with a row and its new position.</param>
internal sealed class ManifestSequence(Action<int, int> moved)
{
    private const int Hole = -1;

    // Fewer holes are not worth a pass.
    private const int MinHolesToClose = 1024;

    private readonly ChunkedArray<Slot> slots = new();
    private int used;
    private int holes;
    private bool isSorted = true;

    [StructLayout(LayoutKind.Sequential, Pack = sizeof(int))]
    private struct Slot
    {
        public long Seq;
        public int Row;
    }

    public long SeqAt(int place) => slots[place].Seq;

    /// <summary>Puts a row at the position of its number.</summary>
    public void Put(long seq, int row)
    {
        // An undone change returns into the hole that it left. Restored entries come in any order.
        var place = isSorted && used > 0 && slots[used - 1].Seq >= seq ? FirstAfter(seq - 1) : used;
        if (place < used && slots[place].Seq == seq && slots[place].Row == Hole)
        {
            holes--;
        }
        else
        {
            isSorted &= place == used;
            place = used++;
            slots.EnsureLength(used);
        }
        slots[place] = new Slot { Seq = seq, Row = row };
        moved(row, place);
    }

    public void Remove(int place)
    {
        slots[place].Row = Hole;
        holes++;
        if (holes > MinHolesToClose + (used / 4))
        {
            CloseHoles();
        }
    }

    /// <summary>Rows with numbers above <paramref name="seq"/>, ascending.</summary>
    public IEnumerable<int> After(long seq)
    {
        if (!isSorted)
        {
            Sort();
        }
        for (var place = FirstAfter(seq); place < used; place++)
        {
            if (slots[place].Row is not Hole and var row)
            {
                yield return row;
            }
        }
    }

    private int FirstAfter(long seq)
    {
        var (low, high) = (0, used);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = slots[middle].Seq > seq ? (low, middle) : (middle + 1, high);
        }
        return low;
    }

    private void CloseHoles()
    {
        var kept = 0;
        for (var place = 0; place < used; place++)
        {
            var slot = slots[place];
            if (slot.Row == Hole)
            {
                continue;
            }
            if (kept != place)
            {
                slots[kept] = slot;
                moved(slot.Row, kept);
            }
            kept++;
        }
        (used, holes) = (kept, 0);
        slots.TrimTo(used);
    }

    private void Sort()
    {
        CloseHoles();
        var (seqs, rows) = (new long[used], new int[used]);
        for (var place = 0; place < used; place++)
        {
            (seqs[place], rows[place]) = (slots[place].Seq, slots[place].Row);
        }
        Array.Sort(seqs, rows);
        for (var place = 0; place < used; place++)
        {
            slots[place] = new Slot { Seq = seqs[place], Row = rows[place] };
            moved(rows[place], place);
        }
        isSorted = true;
    }
}
