namespace Anatomic.Wire.Metainfo;

/// <summary>The Merkle trees of BEP 52: SHA-256 over leaves of 16 KiB, binary, filled up with zero leaves.</summary>
public static class Merkle
{
    /// <summary>Bytes under one leaf (BEP 52).</summary>
    public const int LeafBytes = 16 * 1024;

    /// <summary>The hash of at most <see cref="LeafBytes"/>.</summary>
    public static Hash32 Leaf(ReadOnlySpan<byte> block) => throw new NotSupportedException();

    /// <summary>The hash above two nodes.</summary>
    public static Hash32 Parent(in Hash32 left, in Hash32 right) => throw new NotSupportedException();

    /// <summary>The root of a tree of nothing but zero leaves, <paramref name="height"/> levels above them (0–48).</summary>
    public static Hash32 ZeroRoot(int height) => throw new NotSupportedException();

    /// <summary>
    /// The root of the nodes of one layer, filled up to <paramref name="width"/> (a power of two) with the roots of empty
    /// trees that are <paramref name="layer"/> levels above the leaves. Overwrites <paramref name="nodes"/>.
    /// </summary>
    public static Hash32 Root(Span<Hash32> nodes, long width, int layer) => throw new NotSupportedException();

    /// <summary>The root of a file from its piece layer, 32 bytes a piece.</summary>
    public static Hash32 RootOfLayer(ReadOnlySpan<byte> pieceLayer, int pieceLength) =>
        throw new NotSupportedException();

    /// <summary>Levels between the leaves and the root of a file of that length.</summary>
    public static int Height(long fileLength) => throw new NotSupportedException();

    /// <summary>Levels between the leaves and the pieces.</summary>
    public static int PieceLayer(int pieceLength) => throw new NotSupportedException();

    /// <summary>
    /// Checks an answer to a hash request (BEP 52): <paramref name="hashes"/> are neighbours of one layer, a power of two many,
    /// the first at <paramref name="index"/>, a multiple of their number; <paramref name="uncles"/> lead from their common
    /// ancestor to the root.
    /// </summary>
    public static bool Proves(in Hash32 root, int index, ReadOnlySpan<Hash32> hashes, ReadOnlySpan<Hash32> uncles) =>
        throw new NotSupportedException();
}
