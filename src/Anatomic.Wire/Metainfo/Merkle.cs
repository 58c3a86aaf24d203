using System.Numerics;
using System.Security.Cryptography;

namespace Anatomic.Wire.Metainfo;

/// <summary>
/// The Merkle trees of BEP 52: binary trees of SHA-256 over leaves of 16 KiB, padded with zero leaves.
/// </summary>
public static class Merkle
{
    /// <summary>Bytes of a leaf (BEP 52).</summary>
    public const int LeafBytes = 16 * 1024;

    // 2^63 bytes are 2^49 leaves.
    private const int MaxHeight = 49;

    private static readonly Hash32[] ZeroRoots = MakeZeroRoots();

    /// <summary>The hash of a leaf: at most <see cref="LeafBytes"/>.</summary>
    public static Hash32 Leaf(ReadOnlySpan<byte> block)
    {
        Invariant.Holds(block.Length is > 0 and <= LeafBytes);
        Span<byte> hash = stackalloc byte[Hash32.Length];
        SHA256.HashData(block, hash);
        return new Hash32(hash);
    }

    /// <summary>The hash of two nodes.</summary>
    public static Hash32 Parent(in Hash32 left, in Hash32 right)
    {
        Span<byte> both = stackalloc byte[2 * Hash32.Length];
        left.CopyTo(both);
        right.CopyTo(both[Hash32.Length..]);
        Span<byte> hash = stackalloc byte[Hash32.Length];
        SHA256.HashData(both, hash);
        return new Hash32(hash);
    }

    /// <summary>The root of a tree of zero leaves, <paramref name="height"/> levels above them (0–49).</summary>
    public static Hash32 ZeroRoot(int height) => ZeroRoots[height];

    /// <summary>
    /// The root over the nodes of one layer, padded to <paramref name="width"/> (a power of two) with the roots of zero
    /// trees; the layer is <paramref name="layer"/> levels above the leaves. Overwrites <paramref name="nodes"/>.
    /// </summary>
    public static Hash32 Root(Span<Hash32> nodes, long width, int layer)
    {
        Invariant.Holds(BitOperations.IsPow2(width) && nodes.Length <= width);
        var count = nodes.Length;
        for (; width > 1; width /= 2, layer++)
        {
            for (var i = 0; i < count; i += 2)
            {
                nodes[i / 2] = Parent(nodes[i], i + 1 < count ? nodes[i + 1] : ZeroRoots[layer]);
            }
            count = (count + 1) / 2;
        }
        return count > 0 ? nodes[0] : ZeroRoots[layer];
    }

    /// <summary>The root of a file from its piece layer: 32 bytes per piece, at least one piece.</summary>
    public static Hash32 RootOfLayer(ReadOnlySpan<byte> pieceLayer, int pieceLength)
    {
        var nodes = ReadHashes(pieceLayer);
        return Root(nodes, (long)BitOperations.RoundUpToPowerOf2((uint)nodes.Length), PieceLayer(pieceLength));
    }

    /// <summary>Levels between the leaves and the root of a file of at least 1 byte.</summary>
    public static int Height(long fileLength)
    {
        Invariant.Holds(fileLength > 0);
        var leaves = (ulong)((fileLength - 1) / LeafBytes) + 1;
        return BitOperations.Log2(BitOperations.RoundUpToPowerOf2(leaves));
    }

    /// <summary>Levels between the leaves and the pieces.</summary>
    public static int PieceLayer(int pieceLength)
    {
        Invariant.Holds(pieceLength >= LeafBytes && BitOperations.IsPow2(pieceLength));
        return BitOperations.Log2((uint)(pieceLength / LeafBytes));
    }

    /// <summary>
    /// Verifies the response to a hash request (BEP 52). The <paramref name="hashes"/> are consecutive nodes of one
    /// layer, starting at <paramref name="index"/>; their number is a power of two and divides the index. The
    /// <paramref name="uncles"/> lead from their common ancestor to the root.
    /// </summary>
    public static bool Proves(in Hash32 root, int index, ReadOnlySpan<Hash32> hashes, ReadOnlySpan<Hash32> uncles)
    {
        if (!BitOperations.IsPow2(hashes.Length) || index < 0 || index % hashes.Length != 0)
        {
            return false;
        }
        var node = Root(hashes.ToArray(), hashes.Length, 0);
        var place = index / hashes.Length;
        foreach (ref readonly var uncle in uncles)
        {
            node = (place & 1) == 0 ? Parent(node, uncle) : Parent(uncle, node);
            place >>= 1;
        }
        return place == 0 && node == root;
    }

    /// <summary>
    /// The uncles for <see cref="Proves"/>: for <paramref name="length"/> (a power of two) nodes of a layer from
    /// <paramref name="index"/> on, at most <paramref name="most"/> of them, up to the root. The layer is padded with
    /// zero trees.
    /// </summary>
    /// <param name="layerHashes">The whole layer without padding.</param>
    /// <param name="layer">Levels between the leaves and the layer.</param>
    public static IReadOnlyList<Hash32> Uncles(
        ReadOnlySpan<Hash32> layerHashes,
        int layer,
        int index,
        int length,
        int most
    )
    {
        Invariant.Holds(BitOperations.IsPow2(length) && index % length == 0);
        var uncles = new List<Hash32>();
        var nodes = layerHashes.ToArray();
        var width = BitOperations.RoundUpToPowerOf2((uint)nodes.Length);
        for (; width > 1 && uncles.Count < most; width /= 2, layer++, index >>= 1)
        {
            if (length > 1)
            {
                length /= 2;
            }
            else
            {
                var sibling = index ^ 1;
                uncles.Add(sibling < nodes.Length ? nodes[sibling] : ZeroRoots[layer]);
            }
            var above = new Hash32[(nodes.Length + 1) / 2];
            for (var i = 0; i < nodes.Length; i += 2)
            {
                above[i / 2] = Parent(nodes[i], i + 1 < nodes.Length ? nodes[i + 1] : ZeroRoots[layer]);
            }
            nodes = above;
        }
        return uncles;
    }

    /// <summary>Splits consecutive hashes.</summary>
    public static Hash32[] ReadHashes(ReadOnlySpan<byte> bytes)
    {
        Invariant.Holds(bytes.Length % Hash32.Length == 0);
        var hashes = new Hash32[bytes.Length / Hash32.Length];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i] = new Hash32(bytes[(i * Hash32.Length)..]);
        }
        return hashes;
    }

    private static Hash32[] MakeZeroRoots()
    {
        var roots = new Hash32[MaxHeight + 1];
        for (var i = 1; i < roots.Length; i++)
        {
            roots[i] = Parent(roots[i - 1], roots[i - 1]);
        }
        return roots;
    }
}
