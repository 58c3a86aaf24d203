using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Metadata;

/// <summary>
/// Answers hash requests (BEP 52) from the piece layers. Requests for lower layers are rejected, because their hashes
/// would have to be computed from the data again.
/// </summary>
internal sealed class HashResponder(TorrentMetainfo metainfo)
{
    private readonly Dictionary<Hash32, Hash32[][]> trees = [];
    private readonly Queue<Hash32> oldest = new();

    /// <summary>Hashes computed so far to build trees, which is the expensive part of an answer.</summary>
    public int ComputedHashes { get; private set; }

    /// <summary>Answers a request; false when it must be rejected.</summary>
    /// <param name="range">The requested hashes.</param>
    /// <param name="hashes">The hashes of the range, then the uncle hashes of the proof.</param>
    public bool TryRespond(in HashRange range, [NotNullWhen(true)] out byte[]? hashes)
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

    /// <summary>
    /// The tree above the piece layer. [0] is the piece layer, padded to a power of two; the last entry is the root.
    /// </summary>
    private Hash32[][] TreeOf(Hash32 root, ReadOnlySpan<byte> layer)
    {
        if (trees.TryGetValue(root, out var known))
        {
            return known;
        }
        var pieceCount = layer.Length / Hash32.Length;
        var width = (int)BitOperations.RoundUpToPowerOf2((uint)pieceCount);
        var tree = new Hash32[BitOperations.Log2((uint)width) + 1][];
        tree[0] = new Hash32[width];
        Array.Fill(tree[0], Merkle.ZeroRoot(Merkle.PieceLayer(metainfo.Info.PieceLength)));
        for (var i = 0; i < pieceCount; i++)
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
        ComputedHashes = unchecked(ComputedHashes + width);
        if (oldest.Count >= EngineLimits.MaxMerkleTrees)
        {
            trees.Remove(oldest.Dequeue());
        }
        oldest.Enqueue(root);
        trees.Add(root, tree);
        return tree;
    }
}
