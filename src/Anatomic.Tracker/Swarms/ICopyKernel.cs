using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Anatomic.Tracker.Swarms;

/// <summary>Those entries of a step that are to be looked at: so many, from the first on.</summary>
internal readonly record struct LaneRange(int First, int Count);

/// <summary>
/// Writes the compact forms of a few entries into a reply. It has no branch for those that are not to be copied, for no processor
/// could foretell where they stand.
/// </summary>
internal interface ICopyKernel
{
    /// <summary>How many it takes.</summary>
    static abstract int Width { get; }

    /// <summary>As many bytes of the reply may be written over, however few are meant.</summary>
    static abstract int StoreBytes { get; }

    /// <returns>How many of the entries are alive, are another's than the asker's, and have their turn: those it has written.</returns>
    /// <param name="requester">In the compact form, as entries have it.</param>
    static abstract int Copy(
        ReadOnlySpan<ulong> entries,
        LaneRange lanes,
        ulong requester,
        in TrackerTime now,
        Span<byte> into
    );
}

/// <summary>With 512 bits, and the instruction that closes gaps: some processors since 2019.</summary>
internal readonly struct Avx512CopyKernel : ICopyKernel
{
    public static bool IsSupported => Avx512Vbmi.IsSupported;
    public static int Width => Vector512<ulong>.Count;
    public static int StoreBytes => Vector512<byte>.Count;

    /// <summary>Takes the states out of the entries: the places of the bytes that stay, the first one lowest; what is behind is any.</summary>
    private static Vector512<byte> CompactForms =>
        Vector512
            .Create(
                0x0908_0504_0302_0100UL,
                0x1312_1110_0D0C_0B0A,
                0x1D1C_1B1A_1918_1514,
                0x2928_2524_2322_2120,
                0x3332_3130_2D2C_2B2A,
                0x3D3C_3B3A_3938_3534,
                0,
                0
            )
            .AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Copy(
        ReadOnlySpan<ulong> entries,
        LaneRange lanes,
        ulong requester,
        in TrackerTime now,
        Span<byte> into
    )
    {
        var eight = Vector512.Create(entries);
        var age = (Vector512.Create((ulong)now.Tick) - (eight >> PeerV4.StateShift)) & Vector512.Create(0xFFUL);
        var which =
            Vector512.LessThan(age, Vector512.Create((ulong)now.TimeoutTicks))
            & ~Vector512.Equals(eight & Vector512.Create(PeerV4.CompactMask), Vector512.Create(requester))
            & Vector512.LessThan(
                Vector512<ulong>.Indices - Vector512.Create((ulong)lanes.First),
                Vector512.Create((ulong)lanes.Count)
            );
        var those = Avx512F.Compress(Vector512<ulong>.Zero, which, eight).AsByte();
        Avx512Vbmi.PermuteVar64x8(those, CompactForms).CopyTo(into);
        return BitOperations.PopCount(which.ExtractMostSignificantBits());
    }
}

/// <summary>With 256 bits: most processors since 2013.</summary>
internal readonly struct Avx2CopyKernel : ICopyKernel
{
    public static bool IsSupported => Avx2.IsSupported && Bmi2.IsSupported;
    public static int Width => Vector256<ulong>.Count;

    /// <summary>Two stores: the compact forms of two entries, and a whole register behind them.</summary>
    public static int StoreBytes => 12 + Vector128<byte>.Count;

    /// <summary>Takes the states out of two entries.</summary>
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
        // A bit for each byte. Eight of them are two hexadecimal digits: the numbers of both halves of an entry.
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
