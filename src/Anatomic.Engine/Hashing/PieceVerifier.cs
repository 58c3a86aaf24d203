using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Hashing;

/// <summary>
/// Compares pieces with their torrent's hashes: SHA-1 for v1, the file's Merkle tree for v2, and both for a hybrid
/// torrent. A hybrid torrent is checked with SHA-1 alone while a magnet link's piece layers are downloaded.
/// </summary>
public sealed class PieceVerifier(TorrentMetainfo metainfo, IWorkers workers)
{
    /// <summary>The torrent whose pieces are verified.</summary>
    public TorrentMetainfo Metainfo => metainfo;

    internal IWorkers Workers => workers;

    /// <summary>
    /// Whether the piece's hash is known. It is not while a v2 torrent from a magnet link lacks a piece layer.
    /// </summary>
    public bool CanVerify(PieceIndex piece) => metainfo.Info.HasV1 || metainfo.PieceHashV2(piece) is not null;

    /// <summary>
    /// Verifies a piece on a worker. The segments follow each other from the first byte of the piece, and must not
    /// change meanwhile.
    /// </summary>
    public Task<bool> VerifyAsync(PieceIndex piece, IReadOnlyList<ReadOnlyMemory<byte>> segments) =>
        workers.RunAsync(() => Verify(piece, segments));

    /// <summary>
    /// Verifies a piece on the calling thread. Also returns false when the segments are not exactly
    /// <see cref="TorrentInfo.PieceSize"/> bytes long.
    /// </summary>
    public bool Verify(PieceIndex piece, IReadOnlyList<ReadOnlyMemory<byte>> segments) =>
        segments.Sum(segment => (long)segment.Length) == metainfo.Info.PieceSize(piece)
        && (!metainfo.Info.HasV1 || PieceDigest.V1(segments) == metainfo.Info.PieceHashV1(piece))
        && (
            metainfo.PieceHashV2(piece) is { } v2
                ? PieceDigest.V2(segments, metainfo.Info, piece) == v2
                : metainfo.Info.HasV1
        );
}
