using Anatomic.Wire;

namespace Anatomic.Federation.Tables;

/// <summary>
/// Spreads hashes over buckets by numbers that nobody outside knows: who chooses the hashes shall not be able to fill one bucket.
/// </summary>
internal readonly struct TableSeed(ulong seed)
{
    private readonly ulong first = Odd(seed);
    private readonly ulong second = Odd(seed * 0x9E37_79B9_7F4A_7C15);

    public uint Mix(in Hash32 hash) =>
        (uint)(
            (((hash.A ^ second) * first) + ((hash.B ^ first) * second) + ((hash.C + second) * (hash.D ^ first))) >> 32
        );

    public uint Mix(ulong a, ulong b, uint c) =>
        (uint)((((a ^ second) * first) + ((b ^ first) * second) + (c * first)) >> 32);

    // SplitMix64's finalizer, made odd: multiplying by an odd number loses nothing.
    private static ulong Odd(ulong seed)
    {
        seed = (seed ^ (seed >> 30)) * 0xBF58_476D_1CE4_E5B9;
        seed = (seed ^ (seed >> 27)) * 0x94D0_49BB_1331_11EB;
        return seed ^ (seed >> 31) | 1;
    }
}
