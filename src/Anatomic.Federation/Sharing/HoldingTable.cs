using System.Numerics;
using System.Runtime.InteropServices;
using Anatomic.Federation.Tables;
using Anatomic.Wire;

namespace Anatomic.Federation.Sharing;

/// <summary>
/// The state of each candidate of each order held here, in 12 bytes an order: four bits per place, and since when the
/// order has too few or too many holders. Indexed by the rows of the ledger.
/// </summary>
internal sealed class HoldingTable
{
    private const int BitsPerPlace = 4;
    private const ulong StateBits = 0b0011;
    private const ulong SnapshotPendingBit = 0b0100;
    private const ulong PartnerBit = 1UL << PartnerShift;
    private const int PartnerShift = 3;

    /// <summary>The lowest bit of each of the 12 places.</summary>
    private const ulong EachPlace = 0x1111_1111_1111;

    // Above the places, which use 48 bits.
    private const ulong HeldBit = 1UL << 48;
    private const ulong SurplusBit = 1UL << 49;

    private static readonly int PlaceBits = BitsPerPlace * NetworkLimits.MaxCandidates;

    private readonly ChunkedArray<OrderState> orders = new();
    private int rows;

    [StructLayout(LayoutKind.Sequential, Pack = sizeof(int))]
    private struct OrderState
    {
        public ulong Bits;

        /// <summary>Unix seconds since the order has too few or too many holders; 0: it has neither.</summary>
        public uint Since;
    }

    /// <summary>The order is held from now on, and no state of any candidate is known.</summary>
    public void Hold(int row)
    {
        rows = Math.Max(rows, row + 1);
        orders.EnsureLength(rows);
        orders[row] = new OrderState { Bits = HeldBit };
    }

    public void Release(int row) => orders[row] = default;

    public bool IsHeld(int row) => row >= 0 && row < rows && (orders[row].Bits & HeldBit) != 0;

    /// <summary>The state of the candidate at a place; null when no partner is known there.</summary>
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

    /// <summary>Whether a whole snapshot waits to be sent to the candidate at a place.</summary>
    public bool IsSnapshotPending(int row, int place) =>
        (orders[row].Bits >> (place * BitsPerPlace) & SnapshotPendingBit) != 0;

    /// <summary>Sets or clears the mark; false when it was so already.</summary>
    public bool TrySetSnapshotPending(int row, int place, bool isPending)
    {
        var bit = SnapshotPendingBit << (place * BitsPerPlace);
        ref var bits = ref orders[row].Bits;
        var changes = (bits & bit) != 0 != isPending;
        bits ^= changes ? bit : 0;
        return changes;
    }

    /// <summary>The number of partners in this state, from a place on.</summary>
    public int Count(int row, HoldingState state, int fromPlace = 0)
    {
        var bits = orders[row].Bits;
        // After the XOR, both bits of a place are 0 exactly where its state is the requested one.
        var other = bits ^ (EachPlace * (ulong)state);
        var same = ~(other | (other >> 1)) & (bits >> PartnerShift) & EachPlace;
        return BitOperations.PopCount(fromPlace * BitsPerPlace < PlaceBits ? same >> (fromPlace * BitsPerPlace) : 0);
    }

    /// <summary>Since when, in Unix seconds, the order has a gap or a surplus; starts now if it is new.</summary>
    public uint ImbalanceSince(int row, bool isSurplus, uint now)
    {
        ref var order = ref orders[row];
        if (order.Since == 0 || (order.Bits & SurplusBit) != 0 != isSurplus)
        {
            order.Since = now;
            order.Bits = isSurplus ? order.Bits | SurplusBit : order.Bits & ~SurplusBit;
        }
        return order.Since;
    }

    /// <summary>The order no longer has a gap, or no longer a surplus.</summary>
    public void ClearImbalance(int row, bool isSurplus)
    {
        ref var order = ref orders[row];
        if ((order.Bits & SurplusBit) != 0 == isSurplus)
        {
            order.Since = 0;
        }
    }
}
