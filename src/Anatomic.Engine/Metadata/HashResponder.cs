using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Metadata;

/// <summary>
/// Answers hash requests (BEP 52) from the piece layers. Requests for the layers below are refused: their hashes would have to
/// be made from the data anew.
/// </summary>
internal sealed class HashResponder(TorrentMetainfo metainfo)
{
    /// <summary>Trees kept; making one again costs a hash a piece.</summary>
    private const int MaxTrees = 4;

    private readonly Dictionary<Hash32, Hash32[][]> trees = [];
    private readonly Queue<Hash32> oldest = new();

    /// <param name="range">What is asked.</param>
    /// <param name="hashes">The hashes of the range, then the uncles of the proof.</param>
    public bool TryAnswer(in HashRange range, [NotNullWhen(true)] out byte[]? hashes)
    {
        hashes = null;
        if (
            range.BaseLayer != Merkle.PieceLayer(metainfo.Info.PieceLength)
            || !metainfo.PieceLayers.TryGetValue(range.Root, out var layer)
        )
        {
            return false;
        }
        var tree = TreeOf(range.Root, layer.Span);
        var height = tree.Length - 1;
        if ((long)range.Index + range.Length > tree[0].Length || range.ProofLayers > height)
        {
            return false;
        }
        hashes = new byte[(range.Length + range.ProofHashes) * Hash32.Length];
        for (var i = 0; i < range.Length; i++)
        {
            tree[0][range.Index + i].CopyTo(hashes.AsSpan(i * Hash32.Length));
        }
        var level = BitOperations.Log2((uint)range.Length);
        var node = range.Index >> level;
        for (var i = 0; i < range.ProofHashes; i++)
        {
            if (level + i >= height)
            {
                return false;
            }
            tree[level + i][(node >> i) ^ 1].CopyTo(hashes.AsSpan((range.Length + i) * Hash32.Length));
        }
        return true;
    }

    /// <summary>The tree above the pieces: [0] is the piece layer filled up to a power of two, the last is the root.</summary>
    private Hash32[][] TreeOf(Hash32 root, ReadOnlySpan<byte> layer)
    {
        if (trees.TryGetValue(root, out var known))
        {
            return known;
        }
        var pieces = layer.Length / Hash32.Length;
        var width = (int)BitOperations.RoundUpToPowerOf2((uint)pieces);
        var tree = new Hash32[BitOperations.Log2((uint)width) + 1][];
        tree[0] = new Hash32[width];
        Array.Fill(tree[0], Merkle.ZeroRoot(Merkle.PieceLayer(metainfo.Info.PieceLength)));
        for (var i = 0; i < pieces; i++)
        {
            tree[0][i] = new Hash32(layer[(i * Hash32.Length)..]);
        }
        for (var level = 1; level < tree.Length; level++)
        {
            tree[level] = new Hash32[width >> level];
            for (var i = 0; i < tree[level].Length; i++)
            {
                tree[level][i] = Merkle.Parent(tree[level - 1][2 * i], tree[level - 1][(2 * i) + 1]);
            }
        }
        if (oldest.Count >= MaxTrees)
        {
            trees.Remove(oldest.Dequeue());
        }
        oldest.Enqueue(root);
        trees.Add(root, tree);
        return tree;
    }
}
