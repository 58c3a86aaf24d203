using System.Runtime.CompilerServices;

namespace Anatomic.Tracker.Memory;

/// <summary>
/// The size of the swarm store's allocations, as a 64-bit runtime and a common allocator lay them out.
/// </summary>
internal static class AllocationSize
{
    /// <summary>The header of an array: object header, type and length.</summary>
    private const int ArrayHeaderBytes = 24;

    /// <summary>What the allocator adds to a block.</summary>
    private const int BlockHeaderBytes = 8;
    private const int BlockStepBytes = 16;

    /// <summary>A <c>SwarmPeers</c> object: two sets, and the counts of its partners.</summary>
    public const int SwarmPeersBytes = 152;

    /// <summary>A <c>PartnerPeers</c> object: two sets, and its entry in the swarm's list.</summary>
    public const int PartnerPeersBytes = 184;

    public static long OfArray<T>(int length) => ArrayHeaderBytes + ((long)length * Unsafe.SizeOf<T>());

    /// <summary>A block outside the managed heap.</summary>
    public static long OfBlock<T>(int length) =>
        length == 0
            ? 0
            : (BlockHeaderBytes + ((long)length * Unsafe.SizeOf<T>()) + BlockStepBytes - 1) & -BlockStepBytes;
}
