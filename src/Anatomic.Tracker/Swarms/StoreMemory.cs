using System.Runtime.CompilerServices;

namespace Anatomic.Tracker.Swarms;

/// <summary>What the parts of the swarm store take, as the runtime of 64 bits lays them out.</summary>
internal static class StoreMemory
{
    /// <summary>The header of an array: the object's own, the type and the length.</summary>
    private const int ArrayHeaderBytes = 24;

    /// <summary>A swarm's object with two sets and its partners' figures.</summary>
    public const int SwarmPeersBytes = 136;

    /// <summary>A partner's object with two sets, and its place in the swarm's list.</summary>
    public const int SharedPeersBytes = 168;

    public static long OfArray<T>(int length) => ArrayHeaderBytes + ((long)length * Unsafe.SizeOf<T>());
}
