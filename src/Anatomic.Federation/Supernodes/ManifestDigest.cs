using System.Security.Cryptography;
using Anatomic.Wire;

namespace Anatomic.Federation.Supernodes;

/// <summary>What an order adds to the digest of a manifest's head, by XOR.</summary>
public static class ManifestDigest
{
    /// <summary>SHA-256 over the order's digest.</summary>
    public static Hash32 Of(Hash32 order)
    {
        Span<byte> text = stackalloc byte[Hash32.Length];
        order.CopyTo(text);
        Span<byte> hash = stackalloc byte[Hash32.Length];
        SHA256.HashData(text, hash);
        return new Hash32(hash);
    }
}
