using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Anatomic.Wire.Identity;

/// <summary>
/// The key that signs the orders of one torrent, derived from the planter's master key, so that orders do not link a
/// publisher's torrents: d = (HKDF-SHA256(master, salt <c>anatomic1</c>, info <c>torrent</c> ‖ h[0], 40 bytes) mod
/// (n−1)) + 1. 40 bytes instead of 32 keep the bias of the remainder below 2^-64 (FIPS 186-5, A.2.1).
/// </summary>
public static class TorrentKey
{
    /// <summary>Length of a master key and of a private scalar, in bytes.</summary>
    public const int Length = 32;

    private const int DerivedBytes = 40;

    /// <param name="master">The planter's master key, 32 bytes.</param>
    /// <param name="first">The order's first swarm id, h[0].</param>
    /// <returns>A private scalar, 32 bytes big-endian, 1 … n−1.</returns>
    public static byte[] Derive(ReadOnlySpan<byte> master, Hash20 first)
    {
        Invariant.Holds(master.Length == Length);
        Span<byte> info = stackalloc byte[7 + Hash20.Length];
        "torrent"u8.CopyTo(info);
        first.CopyTo(info[7..]);
        Span<byte> derived = stackalloc byte[DerivedBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, master, derived, Encoding.ASCII.GetBytes("anatomic1"), info);
        var wide = new BigInteger(derived, isUnsigned: true, isBigEndian: true);
        return P256.ToBytes((wide % (P256.Order - 1)) + 1);
    }
}
