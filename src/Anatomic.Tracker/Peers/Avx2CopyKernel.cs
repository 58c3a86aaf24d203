using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Anatomic.Tracker.Peers;

/// <summary>256-bit registers: most x64 processors since 2013.</summary>
internal readonly struct Avx2CopyKernel : ICopyKernel
{
    public static bool IsSupported => Avx2.IsSupported && Bmi2.IsSupported;
    public static int Width => Vector256<ulong>.Count;

    /// <summary>Two stores: the compact forms of two entries, and one whole register behind them.</summary>
    public static int StoreBytes => 12 + Vector128<byte>.Count;

    /// <summary>Removes the states of two entries.</summary>
    private static Vector128<byte> CompactForms =>
        Vector128.Create((byte)0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 6, 7, 14, 15);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Copy(
        ReadOnlySpan<ulong> entries,
        LaneRange lanes,
        ulong requester,
        in TrackerTime now,
        Span<byte> into
    )
    {
        var four = Vector256.Create(entries);
        var age = (Vector256.Create((ulong)now.Tick) - (four >> PeerV4.StateShift)) & Vector256.Create(0xFFUL);
        var isWanted =
            Vector256.LessThan(age, Vector256.Create((ulong)now.TimeoutTicks))
            & ~Vector256.Equals(four & Vector256.Create(PeerV4.CompactMask), Vector256.Create(requester));
        // One bit per byte, so 8 bits per entry. They select two hexadecimal digits: the numbers of the entry's two
        // halves.
        var laneMask = ((1UL << (8 * lanes.Count)) - 1) << (8 * lanes.First);
        var which = isWanted.AsByte().ExtractMostSignificantBits() & (uint)laneMask;
        var halves = Avx2.ShiftRightLogicalVariable(
            Vector256.Create(Bmi2.ParallelBitExtract(0x76543210, which)),
            Vector256.Create(0U, 4, 8, 12, 16, 20, 24, 28)
        );
        var those = Avx2.PermuteVar8x32(four.AsUInt32(), halves).AsByte();
        var compact = Avx2.Shuffle(those, Vector256.Create(CompactForms, CompactForms));
        compact.GetLower().CopyTo(into);
        compact.GetUpper().CopyTo(into[12..]);
        return BitOperations.PopCount(which) / 8;
    }
}
