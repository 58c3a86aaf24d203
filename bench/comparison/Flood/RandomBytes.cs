using Anatomic.World;

namespace Anatomic.Comparison.Flood;

/// <summary>Fills buffers with random bytes.</summary>
internal static class RandomBytes
{
    public static void Fill(this ref SplitMix64 random, Span<byte> buffer)
    {
        foreach (ref var one in buffer)
        {
            one = (byte)random.NextUInt64();
        }
    }
}
