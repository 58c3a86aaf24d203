using Anatomic.World;

namespace Anatomic.Comparison.Load;

/// <summary>Random numbers that are the same in every run (SplitMix64) and cost about a nanosecond each.</summary>
internal sealed class SeededRandom(ulong seed)
{
    private SplitMix64 numbers = new(seed);

    public ulong Next() => numbers.NextUInt64();

    /// <summary>From 0 to one less than the bound.</summary>
    public int Next(int bound) => numbers.Next(bound);

    public void Fill(Span<byte> buffer)
    {
        foreach (ref var one in buffer)
        {
            one = (byte)Next();
        }
    }
}
