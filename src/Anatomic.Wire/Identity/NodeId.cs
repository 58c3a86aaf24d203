using System.Security.Cryptography;

namespace Anatomic.Wire.Identity;

/// <summary>
/// Who signed something: SHA-256 of the public point (X‖Y, 64 bytes). Nodes, supernodes and planters all have one. Written as 52
/// letters of lower-case base32 (RFC 4648 without padding), one spelling each.
/// </summary>
public readonly record struct NodeId(Hash32 Value) : IComparable<NodeId>
{
    /// <summary>Length of the written form.</summary>
    public const int TextLength = 52;

    /// <summary>Length of a public point, X‖Y.</summary>
    public const int PublicKeyLength = 64;

    public NodeId(ReadOnlySpan<byte> bytes)
        : this(new Hash32(bytes)) { }

    /// <summary>The id of a public point of <see cref="PublicKeyLength"/> bytes.</summary>
    public static NodeId Of(ReadOnlySpan<byte> publicKey)
    {
        Invariant.Holds(publicKey.Length == PublicKeyLength);
        Span<byte> hash = stackalloc byte[Hash32.Length];
        SHA256.HashData(publicKey, hash);
        return new NodeId(hash);
    }

    /// <summary>Reads 52 letters of base32 in lower or upper case; spare bits at the end must be zero.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out NodeId id)
    {
        Span<byte> bytes = stackalloc byte[Hash32.Length];
        var fine = text.Length == TextLength && Base32.TryDecode(text, bytes);
        id = fine ? new NodeId(bytes) : default;
        return fine;
    }

    public byte[] ToArray() => Value.ToArray();

    public int CompareTo(NodeId other) => Value.CompareTo(other.Value);

    public static bool operator <(NodeId left, NodeId right) => left.CompareTo(right) < 0;

    public static bool operator >(NodeId left, NodeId right) => left.CompareTo(right) > 0;

    public static bool operator <=(NodeId left, NodeId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(NodeId left, NodeId right) => left.CompareTo(right) >= 0;

    /// <summary>The first 8 letters: enough for a log line, not for an identity.</summary>
    public string Short => ToString()[..8];

    public override string ToString() => Base32.Encode(ToArray());
}
