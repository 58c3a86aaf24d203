using System.Buffers.Binary;
using Anatomic.World;

namespace Anatomic.Engine.Tests;

/// <summary>SplitMix64: the same numbers in every run.</summary>
internal sealed class SeededEntropy(ulong seed) : Entropy
{
    private ulong state = seed;

    public override Entropy Fork(string purpose) => new SeededEntropy(state ^ (ulong)purpose.Length);

    public override void Fill(Span<byte> into)
    {
        Span<byte> number = stackalloc byte[8];
        while (!into.IsEmpty)
        {
            state += 0x9E3779B97F4A7C15;
            var z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            BinaryPrimitives.WriteUInt64LittleEndian(number, z ^ (z >> 31));
            var length = Math.Min(8, into.Length);
            number[..length].CopyTo(into);
            into = into[length..];
        }
    }
}
