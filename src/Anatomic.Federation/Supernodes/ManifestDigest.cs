using System.Security.Cryptography;
using Anatomic.Wire;

namespace Anatomic.Federation.Supernodes;

/// <summary>The digest in a manifest's head: an XOR over its live orders.</summary>
public static class ManifestDigest
{
    /// <summary>One order's part of the XOR: SHA-256 over its digest.</summary>
    public static Hash32 Of(Hash32 order)
    {
        Span<byte> text = stackalloc byte[Hash32.Length];
        order.CopyTo(text);
        Span<byte> hash = stackalloc byte[Hash32.Length];
        SHA256.HashData(text, hash);
        return new Hash32(hash);
    }
}
