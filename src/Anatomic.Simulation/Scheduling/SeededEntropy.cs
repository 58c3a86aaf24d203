using System.Buffers.Binary;
using System.Numerics;
using Anatomic.Simulation.Tracing;
using Anatomic.World;

namespace Anatomic.Simulation.Scheduling;

/// <summary>
/// Random numbers by xoshiro256** (Blackman and Vigna), seeded by SplitMix64. A fork depends on the seed, on the
/// purposes that led to it and on the number of earlier forks for the same purpose, never on how many numbers were
/// drawn.
/// </summary>
internal sealed class SeededEntropy : Entropy
{
    private readonly ulong seed;
    private readonly Dictionary<string, ulong> forks = [];
    private ulong a;
    private ulong b;
    private ulong c;
    private ulong d;

    public SeededEntropy(ulong seed)
    {
        this.seed = seed;
        a = StableHash.Add(seed, 1);
        b = StableHash.Add(seed, 2);
        c = StableHash.Add(seed, 3);
        d = StableHash.Add(seed, 4);
    }

    public override SeededEntropy Fork(string purpose)
    {
        var before = forks.GetValueOrDefault(purpose);
        forks[purpose] = before + 1;
        return new SeededEntropy(StableHash.Add(StableHash.Add(seed, purpose), before));
    }

    public override void Fill(Span<byte> into)
    {
        Span<byte> last = stackalloc byte[8];
        while (into.Length >= 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(into, Step());
            into = into[8..];
        }
        if (into.Length > 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(last, Step());
            last[..into.Length].CopyTo(into);
        }
    }

    /// <summary>
    /// A random duration from <paramref name="min"/> up to <paramref name="max"/>, in ticks of 100 ns.
    /// </summary>
    public long NextTicks(TimeSpan min, TimeSpan max) =>
        min.Ticks + (long)(NextDouble() * Math.Max(0, (max - min).Ticks));

    /// <summary>True with this probability, 0–1.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    private ulong Step()
    {
        var result = BitOperations.RotateLeft(b * 5, 7) * 9;
        var shifted = b << 17;
        c ^= a;
        d ^= b;
        b ^= c;
        a ^= d;
        c ^= shifted;
        d = BitOperations.RotateLeft(d, 45);
        return result;
    }
}
