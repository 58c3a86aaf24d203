using System.Runtime.CompilerServices;

namespace Anatomic.Tracker.Memory;

/// <summary>What the parts of the swarm store take, as a runtime and an allocator of 64 bits lay them out.</summary>
internal static class AllocationSize
{
    /// <summary>The header of an array: the object's own, the type and the length.</summary>
    private const int ArrayHeaderBytes = 24;

    /// <summary>What the allocator adds to a block.</summary>
    private const int BlockHeaderBytes = 8;
    private const int BlockStepBytes = 16;

    /// <summary>A swarm's object with two sets and its partners' figures.</summary>
    public const int SwarmPeersBytes = 152;

    /// <summary>A partner's object with two sets, and its place in the swarm's list.</summary>
    public const int PartnerPeersBytes = 184;

    public static long OfArray<T>(int length) => ArrayHeaderBytes + ((long)length * Unsafe.SizeOf<T>());

    /// <summary>A block outside the collector's heap.</summary>
    public static long OfBlock<T>(int length) =>
        length == 0
            ? 0
            : (BlockHeaderBytes + ((long)length * Unsafe.SizeOf<T>()) + BlockStepBytes - 1) & -BlockStepBytes;
}
