using System.Numerics;
using System.Runtime.InteropServices;
using Anatomic.Federation.Tables;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Sharing;

/// <summary>
/// What each candidate of each order that is held here does with it, in 12 bytes an order: four bits a place, and since when there
/// are too few holders, or too many. By the rows of the ledger.
/// </summary>
internal sealed class HoldingTable
{
    private const int BitsPerPlace = 4;
    private const ulong StateBits = 0b0011;
    private const ulong WaitsBit = 0b0100;
    private const ulong PartnerBit = 1UL << PartnerShift;
    private const int PartnerShift = 3;

    /// <summary>The lowest bit of each of 12 places.</summary>
    private const ulong EachPlace = 0x1111_1111_1111;

    // Above the places, which fill 48 bits.
    private const ulong HeldBit = 1UL << 48;
    private const ulong SurplusBit = 1UL << 49;

    private static readonly int PlaceBits = BitsPerPlace * NetworkLimits.MaxCandidates;

    private readonly ChunkedArray<Order> orders = new();
    private int rows;

    [StructLayout(LayoutKind.Sequential, Pack = sizeof(int))]
    private struct Order
    {
        public ulong Bits;

        /// <summary>Unix seconds; 0: neither too few nor too many.</summary>
        public uint Since;
    }

    /// <summary>An order is held from now on; no partner has a part in it yet.</summary>
    public void Hold(int row)
    {
        rows = Math.Max(rows, row + 1);
        orders.Reach(rows);
        orders[row] = new Order { Bits = HeldBit };
    }

    public void Release(int row) => orders[row] = default;

    public bool IsHeld(int row) => row >= 0 && row < rows && (orders[row].Bits & HeldBit) != 0;

    /// <summary>Null: no partner is known at this place.</summary>
    public HoldingState? StateOf(int row, int place)
    {
        if (place < 0 || !IsHeld(row))
        {
            return null;
        }
        var bits = orders[row].Bits >> (place * BitsPerPlace);
        return (bits & PartnerBit) == 0 ? null : (HoldingState)(bits & StateBits);
    }

    public void SetState(int row, int place, HoldingState state)
    {
        var shift = place * BitsPerPlace;
        ref var bits = ref orders[row].Bits;
        bits = (bits & ~(StateBits << shift)) | ((PartnerBit | (ulong)state) << shift);
    }

    /// <summary>Whether a snapshot waits to be sent.</summary>
    public bool Waits(int row, int place) => (orders[row].Bits >> (place * BitsPerPlace) & WaitsBit) != 0;

    /// <summary>False: it is so already.</summary>
    public bool TrySetWaits(int row, int place, bool waits)
    {
        var bit = WaitsBit << (place * BitsPerPlace);
        ref var bits = ref orders[row].Bits;
        var changes = (bits & bit) != 0 != waits;
        bits ^= changes ? bit : 0;
        return changes;
    }

    /// <summary>How many partners, from a place on, have this part in an order.</summary>
    public int Count(int row, HoldingState state, int fromPlace = 0)
    {
        var bits = orders[row].Bits;
        // After the XOR both bits of a place are 0 where its state is the one asked for.
        var other = bits ^ (EachPlace * (ulong)state);
        var same = ~(other | (other >> 1)) & (bits >> PartnerShift) & EachPlace;
        return BitOperations.PopCount(fromPlace * BitsPerPlace < PlaceBits ? same >> (fromPlace * BitsPerPlace) : 0);
    }

    /// <summary>Since when, in Unix seconds, there is a gap (or one too many); begins now when it has just come.</summary>
    public uint SinceWhen(int row, bool isSurplus, uint now)
    {
        ref var order = ref orders[row];
        if (order.Since == 0 || (order.Bits & SurplusBit) != 0 != isSurplus)
        {
            order.Since = now;
            order.Bits = isSurplus ? order.Bits | SurplusBit : order.Bits & ~SurplusBit;
        }
        return order.Since;
    }

    /// <summary>There is no gap (or none too many) any more.</summary>
    public void Settle(int row, bool isSurplus)
    {
        ref var order = ref orders[row];
        if ((order.Bits & SurplusBit) != 0 == isSurplus)
        {
            order.Since = 0;
        }
    }
}
