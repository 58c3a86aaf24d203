using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Anatomic.Tracker.Memory;

/// <summary>Asks the processor to fetch memory that will be needed soon, without waiting for it. A hint that never fails.</summary>
internal static unsafe class CacheLine
{
    /// <summary>What comes with one fetch.</summary>
    public const int Bytes = 64;

    /// <summary>Where the processor has no such instruction that .NET knows, nothing happens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch<T>(ref readonly T place) => Prefetch(Unsafe.AsPointer(ref Unsafe.AsRef(in place)));

    /// <summary>
    /// The place need not exist any more: what it was may have been freed, or moved by the collector; then the hint is of no use,
    /// and of no harm.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* place)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(place);
        }
    }
}
