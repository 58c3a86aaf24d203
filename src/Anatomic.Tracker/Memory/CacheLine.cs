using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Anatomic.Tracker.Memory;

/// <summary>
/// Asks the processor to load memory that will be needed soon. A hint, which never blocks and never fails.
/// </summary>
internal static unsafe class CacheLine
{
    /// <summary>The bytes loaded by one prefetch.</summary>
    public const int Bytes = 64;

    /// <summary>Does nothing if .NET knows no prefetch instruction for this processor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch<T>(ref readonly T address) => Prefetch(Unsafe.AsPointer(ref Unsafe.AsRef(in address)));

    /// <summary>
    /// The address may be stale: freed, or moved by the garbage collector. The hint is then useless, but harmless.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }
}
