using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Anatomic.Wire.Bencoding;

namespace Anatomic.Wire.Network;

/// <summary>
/// The work of an order: SHA-256(<c>anatomic1:work:</c> ‖ net ‖ k ‖ bencode(v without work) ‖ nonce) must begin with a
/// number of zero bits. It slows down a flood of orders; quotas limit it.
/// </summary>
public static class Work
{
    /// <summary>Length of the big-endian nonce in bytes.</summary>
    public const int NonceLength = 8;

    /// <summary>The bytes hashed before the nonce.</summary>
    /// <param name="network">The network of the order.</param>
    /// <param name="publicKey">The signer's public key.</param>
    /// <param name="value">The order's dictionary v, with or without <c>work</c>.</param>
    public static byte[] Prefix(NetworkName network, ReadOnlySpan<byte> publicKey, BencodeValue value)
    {
        var writer = new BencodeWriter().BeginDictionary();
        foreach (var entry in value.Entries)
        {
            if (!entry.Key.Span.SequenceEqual("work"u8))
            {
                writer.Key(entry.Key.Span).Raw(entry.Value.Raw.Span);
            }
        }
        return [.. Encoding.ASCII.GetBytes($"anatomic1:work:{network.Text}"), .. publicKey, .. writer.End().ToArray()];
    }

    /// <summary>The zero bits of an order's work.</summary>
    public static int BitsOf(Signed<PlantOrder> order, NetworkName network)
    {
        var envelope = order.Envelope;
        return BitsOf(Prefix(network, envelope.PublicKey.Span, envelope.Value), order.Item.Nonce);
    }

    /// <summary>The leading zero bits of the hash with this nonce.</summary>
    public static int BitsOf(ReadOnlySpan<byte> prefix, ulong nonce)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(prefix);
        sha.AppendData(ToBytes(nonce));
        sha.GetHashAndReset(hash);
        return LeadingZeros(hash);
    }

    /// <summary>
    /// One step of the search: tries <paramref name="tries"/> nonces, starting at <paramref name="from"/>. Null when
    /// none is good enough; continue at <c>from + tries</c>.
    /// </summary>
    public static ulong? Search(ReadOnlySpan<byte> prefix, int bits, ulong from, int tries)
    {
        var text = new byte[prefix.Length + NonceLength];
        prefix.CopyTo(text);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        for (var i = 0; i < tries; i++)
        {
            var nonce = unchecked(from + (ulong)i);
            BinaryPrimitives.WriteUInt64BigEndian(text.AsSpan(prefix.Length), nonce);
            SHA256.HashData(text, hash);
            if (LeadingZeros(hash) >= bits)
            {
                return nonce;
            }
        }
        return null;
    }

    internal static byte[] ToBytes(ulong nonce)
    {
        var bytes = new byte[NonceLength];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, nonce);
        return bytes;
    }

    internal static ulong FromBytes(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64BigEndian(bytes);

    private static int LeadingZeros(ReadOnlySpan<byte> hash)
    {
        var bits = 0;
        foreach (var one in hash)
        {
            if (one != 0)
            {
                return bits + BitOperations.LeadingZeroCount(one) - 24;
            }
            bits += 8;
        }
        return bits;
    }
}
