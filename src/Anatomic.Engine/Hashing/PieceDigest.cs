using System.Numerics;
using System.Security.Cryptography;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Hashing;

/// <summary>The hashes of one piece whose bytes lie in parts, one after the other.</summary>
internal static class PieceDigest
{
    /// <summary>SHA-1 over all bytes (BEP 3).</summary>
    public static Hash20 V1(IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        using var sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        foreach (var part in parts)
        {
            sha1.AppendData(part.Span);
        }
        Span<byte> hash = stackalloc byte[Hash20.Length];
        sha1.GetHashAndReset(hash);
        return new Hash20(hash);
    }

    /// <summary>
    /// The node of the file's Merkle tree above the piece (BEP 52); for a file of at most one piece that is the file's root, and
    /// its tree is only as wide as the file.
    /// </summary>
    /// <param name="parts">The piece; what is behind the file's end in it is not looked at.</param>
    /// <param name="info">The torrent.</param>
    /// <param name="piece">Which piece.</param>
    public static Hash32 V2(IReadOnlyList<ReadOnlyMemory<byte>> parts, TorrentInfo info, PieceIndex piece)
    {
        var begin = (long)piece.Value * info.PieceLength;
        var file = info.FileAt(begin);
        var length = (int)Math.Min(info.PieceLength, file.End - begin);
        var leaves = Leaves(parts, length);
        var width =
            file.Length > info.PieceLength
                ? info.PieceLength / Merkle.LeafBytes
                : (int)BitOperations.RoundUpToPowerOf2((uint)leaves.Length);
        return Merkle.Root(leaves, width, 0);
    }

    private static Hash32[] Leaves(IReadOnlyList<ReadOnlyMemory<byte>> parts, int length)
    {
        var leaves = new Hash32[(length + Merkle.LeafBytes - 1) / Merkle.LeafBytes];
        var (part, at) = (0, 0);
        byte[]? gathered = null;
        for (var i = 0; i < leaves.Length; i++)
        {
            var wanted = Math.Min(Merkle.LeafBytes, length - i * Merkle.LeafBytes);
            while (at == parts[part].Length)
            {
                (part, at) = (part + 1, 0);
            }
            if (parts[part].Length - at >= wanted)
            {
                leaves[i] = Merkle.Leaf(parts[part].Span.Slice(at, wanted));
                at += wanted;
                continue;
            }
            gathered ??= new byte[Merkle.LeafBytes];
            for (var filled = 0; filled < wanted; )
            {
                while (at == parts[part].Length)
                {
                    (part, at) = (part + 1, 0);
                }
                var taken = Math.Min(wanted - filled, parts[part].Length - at);
                parts[part].Span.Slice(at, taken).CopyTo(gathered.AsSpan(filled));
                (filled, at) = (filled + taken, at + taken);
            }
            leaves[i] = Merkle.Leaf(gathered.AsSpan(0, wanted));
        }
        return leaves;
    }
}
