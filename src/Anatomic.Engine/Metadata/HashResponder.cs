using System.Numerics;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Metadata;

/// <summary>
/// Answers hash requests (BEP 52) from the piece layers. Requests for lower layers are rejected, because their hashes
/// would have to be computed from the data again. Trees are built on a worker, at the cost of the peer that asks, and
/// kept while memory permits.
/// </summary>
internal sealed class HashResponder(TorrentMetainfo metainfo, IWorkers workers)
{
    private readonly Dictionary<Hash32, Task<Hash32[][]>> trees = [];
    private readonly Queue<(Hash32 Root, long Bytes)> oldest = new();
    private long treeBytes;

    /// <summary>
    /// The requested hashes of a range, then the uncle hashes of its proof; null when the request must be rejected.
    /// </summary>
    /// <param name="range">The requested hashes.</param>
    /// <param name="charge">Called with the number of hashes that the answer makes us compute or copy.</param>
    public async ValueTask<byte[]?> RespondAsync(HashRange range, Action<int> charge)
    {
        if (
            range.BaseLayer != Merkle.PieceLayer(metainfo.Info.PieceLength)
            || !metainfo.PieceLayers.TryGetValue(range.Root, out var layer)
        )
        {
            return null;
        }
        if (!trees.TryGetValue(range.Root, out var tree))
        {
            charge(layer.Length / Hash32.Length);
            tree = Build(range.Root, layer);
        }
        charge(range.Length);
        return Respond(range, await tree);
    }

    private static byte[]? Respond(in HashRange range, Hash32[][] tree)
    {
        var height = tree.Length - 1;
        if ((long)range.Index + range.Length > tree[0].Length || range.ProofLayers > height)
        {
            return null;
        }
        var hashes = new byte[(range.Length + range.ProofHashes) * Hash32.Length];
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
                return null;
            }
            tree[level + i][(node >> i) ^ 1].CopyTo(hashes.AsSpan((range.Length + i) * Hash32.Length));
        }
        return hashes;
    }

    private Task<Hash32[][]> Build(Hash32 root, ReadOnlyMemory<byte> layer)
    {
        var bytes = 2L * (long)BitOperations.RoundUpToPowerOf2((uint)(layer.Length / Hash32.Length)) * Hash32.Length;
        while (treeBytes + bytes > EngineLimits.MaxTreeBytes && oldest.TryDequeue(out var dropped))
        {
            trees.Remove(dropped.Root);
            treeBytes -= dropped.Bytes;
        }
        oldest.Enqueue((root, bytes));
        treeBytes += bytes;
        var padding = Merkle.ZeroRoot(Merkle.PieceLayer(metainfo.Info.PieceLength));
        var tree = workers.RunAsync(() => TreeOf(layer.Span, padding));
        trees.Add(root, tree);
        return tree;
    }

    /// <summary>
    /// The tree above the piece layer. [0] is the piece layer, padded to a power of two; the last entry is the root.
    /// </summary>
    private static Hash32[][] TreeOf(ReadOnlySpan<byte> layer, Hash32 padding)
    {
        var pieceCount = layer.Length / Hash32.Length;
        var width = (int)BitOperations.RoundUpToPowerOf2((uint)pieceCount);
        var tree = new Hash32[BitOperations.Log2((uint)width) + 1][];
        tree[0] = new Hash32[width];
        Array.Fill(tree[0], padding);
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
        return tree;
    }
}
