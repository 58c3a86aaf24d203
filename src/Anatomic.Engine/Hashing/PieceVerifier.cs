using Anatomic.Wire;
using Anatomic.Wire.Metainfo;
using Anatomic.World;

namespace Anatomic.Engine.Hashing;

/// <summary>
/// Compares pieces with the hashes of their torrent: v1 by SHA-1, v2 by the file's Merkle tree, a hybrid by both; by SHA-1 alone
/// while a magnet's piece layers are still to be fetched.
/// </summary>
public sealed class PieceVerifier(TorrentMetainfo metainfo, IWorkers workers)
{
    public TorrentMetainfo Metainfo => metainfo;

    internal IWorkers Workers => workers;

    /// <summary>False while a v2 torrent of a magnet lacks the layer that holds the piece's hash.</summary>
    public bool CanVerify(PieceIndex piece) => metainfo.Info.HasV1 || metainfo.PieceHashV2(piece) is not null;

    /// <summary>Hashes on a worker. The parts come one after the other from the piece's first byte and must not change meanwhile.</summary>
    public Task<bool> VerifyAsync(PieceIndex piece, IReadOnlyList<ReadOnlyMemory<byte>> parts) =>
        workers.RunAsync(() => Verify(piece, parts));

    /// <summary>Hashes here and now; false, too, when the parts are not exactly <see cref="TorrentInfo.PieceSize"/>.</summary>
    public bool Verify(PieceIndex piece, IReadOnlyList<ReadOnlyMemory<byte>> parts) =>
        parts.Sum(part => (long)part.Length) == metainfo.Info.PieceSize(piece)
        && (!metainfo.Info.HasV1 || PieceDigest.V1(parts) == metainfo.Info.PieceHashV1(piece))
        && (
            metainfo.PieceHashV2(piece) is { } v2
                ? PieceDigest.V2(parts, metainfo.Info, piece) == v2
                : metainfo.Info.HasV1
        );
}
