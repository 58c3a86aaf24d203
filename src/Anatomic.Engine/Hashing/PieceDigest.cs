using System.Numerics;
using System.Security.Cryptography;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Hashing;

/// <summary>Computes the hashes of a piece whose bytes are in several segments.</summary>
internal static class PieceDigest
{
    /// <summary>The SHA-1 of all bytes (BEP 3).</summary>
    public static Hash20 V1(IReadOnlyList<ReadOnlyMemory<byte>> segments)
    {
        using var sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        foreach (var segment in segments)
        {
            sha1.AppendData(segment.Span);
        }
        Span<byte> hash = stackalloc byte[Hash20.Length];
        sha1.GetHashAndReset(hash);
        return new Hash20(hash);
    }

    /// <summary>
    /// The node of the file's Merkle tree that covers the piece (BEP 52). For a file of at most one piece this is the
    /// root, and the tree is only as wide as the file.
    /// </summary>
    /// <param name="segments">The bytes of the piece; those after the end of the file are ignored.</param>
    public static Hash32 V2(IReadOnlyList<ReadOnlyMemory<byte>> segments, TorrentInfo info, PieceIndex piece)
    {
        return RootV2(Leaves(segments, FileBytes(info, piece)), info, piece);
    }

    /// <summary>The bytes of the piece that belong to its file; padding may follow in a hybrid torrent.</summary>
    public static int FileBytes(TorrentInfo info, PieceIndex piece)
    {
        var begin = (long)piece.Value * info.PieceLength;
        return (int)Math.Min(info.PieceLength, info.FileAt(begin).End - begin);
    }

    /// <summary>The node that covers the piece, from its leaves.</summary>
    public static Hash32 RootV2(Hash32[] leaves, TorrentInfo info, PieceIndex piece)
    {
        var file = info.FileAt((long)piece.Value * info.PieceLength);
        var width =
            file.Length > info.PieceLength
                ? info.PieceLength / Merkle.LeafBytes
                : (int)BitOperations.RoundUpToPowerOf2((uint)leaves.Length);
        return Merkle.Root(leaves, width, 0);
    }

    private static Hash32[] Leaves(IReadOnlyList<ReadOnlyMemory<byte>> segments, int length)
    {
        var leaves = new Hash32[(length + Merkle.LeafBytes - 1) / Merkle.LeafBytes];
        var (segment, offset) = (0, 0);
        byte[]? copy = null;
        for (var i = 0; i < leaves.Length; i++)
        {
            var leafLength = Math.Min(Merkle.LeafBytes, length - i * Merkle.LeafBytes);
            while (offset == segments[segment].Length)
            {
                (segment, offset) = (segment + 1, 0);
            }
            if (segments[segment].Length - offset >= leafLength)
            {
                leaves[i] = Merkle.Leaf(segments[segment].Span.Slice(offset, leafLength));
                offset += leafLength;
                continue;
            }
            // The leaf lies in several segments.
            copy ??= new byte[Merkle.LeafBytes];
            for (var filled = 0; filled < leafLength; )
            {
                while (offset == segments[segment].Length)
                {
                    (segment, offset) = (segment + 1, 0);
                }
                var count = Math.Min(leafLength - filled, segments[segment].Length - offset);
                segments[segment].Span.Slice(offset, count).CopyTo(copy.AsSpan(filled));
                (filled, offset) = (filled + count, offset + count);
            }
            leaves[i] = Merkle.Leaf(copy.AsSpan(0, leafLength));
        }
        return leaves;
    }
}
