using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Anatomic.Wire;

/// <summary>
/// 32 bytes, SHA-256: a v2 info-hash or Merkle root (BEP 52), a node or supernode id, the digest of a signed item.
/// </summary>
public readonly record struct Hash32(ulong A, ulong B, ulong C, ulong D) : IComparable<Hash32>
{
    public const int Length = 32;

    public Hash32(ReadOnlySpan<byte> bytes)
        : this(
            BinaryPrimitives.ReadUInt64BigEndian(bytes),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[24..])
        ) { }

    public void CopyTo(Span<byte> into)
    {
        BinaryPrimitives.WriteUInt64BigEndian(into, A);
        BinaryPrimitives.WriteUInt64BigEndian(into[8..], B);
        BinaryPrimitives.WriteUInt64BigEndian(into[16..], C);
        BinaryPrimitives.WriteUInt64BigEndian(into[24..], D);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    public static bool TryParseHex([NotNullWhen(true)] string? hex, out Hash32 hash)
    {
        Span<byte> bytes = stackalloc byte[Length];
        var fine =
            hex is { Length: 2 * Length } && Convert.FromHexString(hex, bytes, out _, out _) == OperationStatus.Done;
        hash = fine ? new Hash32(bytes) : default;
        return fine;
    }

    /// <summary>The 20 bytes that trackers and the DHT use for a v2 torrent (BEP 52).</summary>
    public Hash20 Truncated => new(A, B, (uint)(C >> 32));

    public int CompareTo(Hash32 other)
    {
        var byA = A.CompareTo(other.A);
        if (byA != 0)
        {
            return byA;
        }
        var byB = B.CompareTo(other.B);
        if (byB != 0)
        {
            return byB;
        }
        var byC = C.CompareTo(other.C);
        return byC != 0 ? byC : D.CompareTo(other.D);
    }

    public static bool operator <(Hash32 left, Hash32 right) => left.CompareTo(right) < 0;

    public static bool operator >(Hash32 left, Hash32 right) => left.CompareTo(right) > 0;

    public static bool operator <=(Hash32 left, Hash32 right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Hash32 left, Hash32 right) => left.CompareTo(right) >= 0;

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToArray());
}
