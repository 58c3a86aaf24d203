using System.Buffers.Binary;
using Anatomic.World;

namespace Anatomic.Testing;

/// <summary>Random numbers that depend only on the seed and are the same in every run.</summary>
public sealed class SeededEntropy(ulong seed) : Entropy
{
    private SplitMix64 numbers = new(seed);

    public override Entropy Fork(string purpose) => new SeededEntropy(numbers.NextUInt64() ^ (ulong)purpose.Length);

    public override void Fill(Span<byte> into)
    {
        Span<byte> number = stackalloc byte[8];
        while (!into.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(number, numbers.NextUInt64());
            var length = Math.Min(8, into.Length);
            number[..length].CopyTo(into);
            into = into[length..];
        }
    }
}
