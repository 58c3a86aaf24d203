using System.Runtime.CompilerServices;

namespace Anatomic.World;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood, 2014): a fast generator of random numbers with a period of 2^64. Whoever sees one
/// number can compute all others, so secrets come from <see cref="Entropy"/>.
/// </summary>
public struct SplitMix64(ulong seed)
{
    /// <summary>What the state grows by with each number: 2^64 divided by the golden ratio, made odd.</summary>
    public const ulong Increment = 0x9E37_79B9_7F4A_7C15;

    private ulong state = seed;

    /// <summary>The finalizer alone, a hash of 64 bits: every bit of the input moves every bit of the output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }

    public ulong NextUInt64() => Mix(state += Increment);

    public uint NextUInt32() => (uint)(NextUInt64() >> 32);

    /// <summary>A number from 0 to <paramref name="bound"/> − 1; 0 when the bound is 0.</summary>
    public int Next(int bound) => (int)(((ulong)NextUInt32() * (uint)bound) >> 32);
}
