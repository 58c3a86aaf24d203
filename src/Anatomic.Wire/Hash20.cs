using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Anatomic.Wire;

/// <summary>
/// 20 bytes: a v1 info-hash (SHA-1, BEP 3), a truncated v2 info-hash as trackers and the DHT see it (BEP 52), or a peer
/// id.
/// </summary>
public readonly record struct Hash20(ulong A, ulong B, uint C) : IComparable<Hash20>
{
    public const int Length = 20;

    public Hash20(ReadOnlySpan<byte> bytes)
        : this(
            BinaryPrimitives.ReadUInt64BigEndian(bytes),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[16..])
        ) { }

    public void CopyTo(Span<byte> into)
    {
        BinaryPrimitives.WriteUInt64BigEndian(into, A);
        BinaryPrimitives.WriteUInt64BigEndian(into[8..], B);
        BinaryPrimitives.WriteUInt32BigEndian(into[16..], C);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    public static bool TryParseHex([NotNullWhen(true)] string? hex, out Hash20 hash)
    {
        Span<byte> bytes = stackalloc byte[Length];
        var fine =
            hex is { Length: 2 * Length } && Convert.FromHexString(hex, bytes, out _, out _) == OperationStatus.Done;
        hash = fine ? new Hash20(bytes) : default;
        return fine;
    }

    public int CompareTo(Hash20 other)
    {
        var byA = A.CompareTo(other.A);
        if (byA != 0)
        {
            return byA;
        }
        var byB = B.CompareTo(other.B);
        return byB != 0 ? byB : C.CompareTo(other.C);
    }

    public static bool operator <(Hash20 left, Hash20 right) => left.CompareTo(right) < 0;

    public static bool operator >(Hash20 left, Hash20 right) => left.CompareTo(right) > 0;

    public static bool operator <=(Hash20 left, Hash20 right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Hash20 left, Hash20 right) => left.CompareTo(right) >= 0;

    /// <summary>40 lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToArray());
}
