using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Anatomic.Tracker.Swarms;

/// <summary>Asks the processor to fetch memory that will be needed soon, without waiting for it. A hint that never fails.</summary>
internal static unsafe class Nearby
{
    /// <summary>Where the processor has no such instruction that .NET knows, nothing happens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch<T>(ref readonly T place)
    {
        if (Sse.IsSupported)
        {
            // The collector may move the object meanwhile; then the hint is of no use, and of no harm.
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in place)));
        }
    }
}
