using System.Buffers.Binary;

namespace Anatomic.Simulation.Tracing;

/// <summary>Hashes that are equal in every process, unlike the runtime's string hashes.</summary>
internal static class StableHash
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15; // SplitMix64's increment, 2^64 over the golden ratio
    private const ulong FnvPrime = 0x0000_0100_0000_01B3; // FNV-1a, 64 bits

    /// <summary>SplitMix64's finaliser.</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }

    public static ulong Add(ulong digest, ulong value) => Mix(digest + Golden + value);

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
            digest = (digest ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * Golden;
            digest ^= digest >> 29;
            bytes = bytes[8..];
        }
        foreach (var one in bytes)
        {
            digest = (digest ^ one) * Golden;
        }
        return Mix(digest);
    }
}
