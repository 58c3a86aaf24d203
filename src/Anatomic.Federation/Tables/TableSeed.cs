using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Federation.Tables;

/// <summary>
/// A secret seed that spreads hashes over buckets. Without it, a sender that chooses hashes could put all of them in
/// one bucket.
/// </summary>
internal readonly struct TableSeed(ulong seed)
{
    private readonly ulong first = Odd(seed);
    private readonly ulong second = Odd(seed * SplitMix64.Increment);

    public uint Mix(in Hash32 hash) =>
        (uint)(
            (((hash.A ^ second) * first) + ((hash.B ^ first) * second) + ((hash.C + second) * (hash.D ^ first))) >> 32
        );

    public uint Mix(ulong a, ulong b, uint c) =>
        (uint)((((a ^ second) * first) + ((b ^ first) * second) + (c * first)) >> 32);

    // Odd, because multiplication by an odd number is reversible.
    private static ulong Odd(ulong seed) => SplitMix64.Mix(seed) | 1;
}
