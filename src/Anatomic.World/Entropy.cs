using System.Buffers.Binary;

namespace Anatomic.World;

/// <summary>Random numbers: unpredictable on a machine, a seeded stream in the simulation.</summary>
public abstract class Entropy
{
    /// <summary>
    /// An independent stream. In the simulation its numbers depend only on the seed and the purposes of all forks on
    /// the way.
    /// </summary>
    public abstract Entropy Fork(string purpose);

    public abstract void Fill(Span<byte> into);

    public ulong NextUInt64()
    {
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>A number from 0 to <paramref name="bound"/> − 1; the bound is at least 1.</summary>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)(((UInt128)NextUInt64() * (UInt128)bound) >> 64);
    }

    /// <summary>A number in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        Fill(bytes);
        return bytes;
    }

    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
