using System.Runtime.CompilerServices;

namespace Anatomic.Tracker.Memory;

internal static class Mixing
{
    /// <summary>The finalizer of SplitMix64 (Steele, Lea and Flood, 2014): every bit of the input moves every bit of the output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}

/// <summary>Fast numbers for choosing peers, seeded from the world's entropy: SplitMix64.</summary>
internal struct FastRandom(ulong seed)
{
    private ulong state = seed;

    /// <summary>From 0 up to, but without, <paramref name="bound"/>; 0 when it is 0.</summary>
    public int Next(int bound) => (int)(((ulong)Next() * (uint)bound) >> 32);

    /// <summary>Any 32 bits.</summary>
    public uint Next()
    {
        state += 0x9E3779B97F4A7C15;
        return (uint)(Mixing.Mix(state) >> 32);
    }
}
