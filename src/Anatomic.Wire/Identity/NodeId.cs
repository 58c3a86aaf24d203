using System.Security.Cryptography;

namespace Anatomic.Wire.Identity;

/// <summary>
/// The id of a signer: SHA-256 of the public key (X‖Y, 64 bytes). Nodes, supernodes and planters have one. Written as
/// 52 characters of lower-case base32 (RFC 4648 without padding), with one spelling per id.
/// </summary>
public readonly record struct NodeId(Hash32 Value) : IComparable<NodeId>
{
    /// <summary>Length of the text.</summary>
    public const int TextLength = 52;

    /// <summary>Length of a public key, X‖Y, in bytes.</summary>
    public const int PublicKeyLength = 64;

    public NodeId(ReadOnlySpan<byte> bytes)
        : this(new Hash32(bytes)) { }

    /// <summary>The id of a public key of <see cref="PublicKeyLength"/> bytes.</summary>
    public static NodeId Of(ReadOnlySpan<byte> publicKey)
    {
        Invariant.Holds(publicKey.Length == PublicKeyLength);
        Span<byte> hash = stackalloc byte[Hash32.Length];
        SHA256.HashData(publicKey, hash);
        return new NodeId(hash);
    }

    /// <summary>Reads 52 base32 characters in either case; spare bits at the end must be zero.</summary>
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

    /// <summary>The first 8 characters: enough for a log line, not for identification.</summary>
    public string Short => ToString()[..8];

    public override string ToString() => Base32.Encode(ToArray());
}
