using System.Buffers.Binary;
using Anatomic.World;

namespace Anatomic.Simulation.Tracing;

/// <summary>Hashes that are equal in every process, unlike the runtime's string hashes.</summary>
internal static class StableHash
{
    private const ulong FnvPrime = 0x0000_0100_0000_01B3; // FNV-1a, 64 bits

    public static ulong Add(ulong digest, ulong value) => SplitMix64.Mix(digest + SplitMix64.Increment + value);

    public static ulong Add(ulong digest, string text)
    {
        foreach (var letter in text)
        {
            digest = (digest ^ letter) * FnvPrime;
        }
        return Add(digest, (ulong)text.Length);
    }

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var digest = (ulong)bytes.Length;
        while (bytes.Length >= 8)
        {
            digest = (digest ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * SplitMix64.Increment;
            digest ^= digest >> 29;
            bytes = bytes[8..];
        }
        foreach (var one in bytes)
        {
            digest = (digest ^ one) * SplitMix64.Increment;
        }
        return SplitMix64.Mix(digest);
    }
}
