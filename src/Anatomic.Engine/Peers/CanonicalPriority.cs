using System.Buffers.Binary;
using System.Numerics;
using Anatomic.Wire;

namespace Anatomic.Engine.Peers;

/// <summary>
/// The canonical priority of two peers (BEP 40): both compute the same number, and all peers of a swarm prefer
/// connections with high ones. The swarm then forms a random graph that no newcomer can bend towards itself.
/// </summary>
internal static class CanonicalPriority
{
    private const ulong HostMask = 0x5555_5555_5555_5555;

    /// <summary>The priority of a connection between two addresses with their listening ports.</summary>
    public static uint Of(in Endpoint a, in Endpoint b)
    {
        if (a.WithPort(0) == b.WithPort(0))
        {
            return Ordered([(byte)(a.Port >> 8), (byte)a.Port], [(byte)(b.Port >> 8), (byte)b.Port]);
        }
        return a.IsV4 && b.IsV4 ? OfV4(a.V4, b.V4) : OfV6(a, b);
    }

    private static uint OfV4(uint a, uint b)
    {
        // Addresses of one network differ only in their last bits, so more bits count.
        var shared = BitOperations.LeadingZeroCount(a ^ b) / 8;
        var mask =
            shared >= 3 ? uint.MaxValue
            : shared == 2 ? 0xFFFF_FF55
            : 0xFFFF_5555;
        Span<byte> first = stackalloc byte[4];
        Span<byte> second = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(first, a & mask);
        BinaryPrimitives.WriteUInt32BigEndian(second, b & mask);
        return Ordered(first, second);
    }

    private static uint OfV6(in Endpoint a, in Endpoint b)
    {
        var sharedBits =
            a.High != b.High
                ? BitOperations.LeadingZeroCount(a.High ^ b.High)
                : 64 + BitOperations.LeadingZeroCount(a.Low ^ b.Low);
        // A /48 counts whole, and one byte more than the addresses have in common.
        var wholeBits = sharedBits < 48 ? 48 : Math.Min(128, ((sharedBits / 8) + 1) * 8);
        Span<byte> first = stackalloc byte[16];
        Span<byte> second = stackalloc byte[16];
        Mask(a, wholeBits, first);
        Mask(b, wholeBits, second);
        return Ordered(first, second);
    }

    private static void Mask(in Endpoint address, int wholeBits, Span<byte> into)
    {
        var high = wholeBits >= 64 ? ulong.MaxValue : (ulong.MaxValue << (64 - wholeBits)) | HostMask;
        var low =
            wholeBits >= 128 ? ulong.MaxValue
            : wholeBits > 64 ? (ulong.MaxValue << (128 - wholeBits)) | HostMask
            : HostMask;
        BinaryPrimitives.WriteUInt64BigEndian(into, address.High & high);
        BinaryPrimitives.WriteUInt64BigEndian(into[8..], address.Low & low);
    }

    /// <summary>CRC32-C of both, the smaller one first.</summary>
    private static uint Ordered(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var isOrdered = a.SequenceCompareTo(b) <= 0;
        var crc = Crc(uint.MaxValue, isOrdered ? a : b);
        return ~Crc(crc, isOrdered ? b : a);
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
        {
            crc = BitOperations.Crc32C(crc, one);
        }
        return crc;
    }
}
