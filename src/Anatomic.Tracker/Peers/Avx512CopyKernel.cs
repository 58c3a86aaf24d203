using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Anatomic.Tracker.Peers;

/// <summary>512-bit registers and a compress instruction (AVX-512 VBMI): some x64 processors since 2019.</summary>
internal readonly struct Avx512CopyKernel : ICopyKernel
{
    public static bool IsSupported => Avx512Vbmi.IsSupported;
    public static int Width => Vector512<ulong>.Count;
    public static int StoreBytes => Vector512<byte>.Count;

    /// <summary>
    /// Removes the states of the entries: the indexes of the bytes to keep. The bytes behind them are arbitrary.
    /// </summary>
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
