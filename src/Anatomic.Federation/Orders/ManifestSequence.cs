using System.Runtime.InteropServices;
using Anatomic.Federation.Tables;

namespace Anatomic.Federation.Orders;

/// <summary>
/// The entries of the ledger by their number, 12 bytes each. A change is put behind the last and leaves a hole where it was; when
/// a quarter are holes, they are closed: one pass for at least as many changes as a quarter of the entries.
/// </summary>
/// <param name="moved">Told where a row stands now.</param>
internal sealed class ManifestSequence(Action<int, int> moved)
{
    private const int Hole = -1;

    // A few holes are not worth a pass.
    private const int HolesAlways = 1024;

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

    /// <summary>Puts a row where its number belongs, and tells where that is.</summary>
    public void Put(long seq, int row)
    {
        // A change that is taken back returns into the hole that it left. What is restored may come in any order.
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
        if (holes > HolesAlways + (used / 4))
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
