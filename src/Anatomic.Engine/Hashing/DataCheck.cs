using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Hashing;

/// <summary>Reads what lies on disk and compares it with the torrent: for <c>verify</c>, <c>seed</c> and resuming.</summary>
public static class DataCheck
{
    /// <summary>
    /// Checks the pieces of <paramref name="only"/> (null: all), several at once on the workers. Missing files cost no reading.
    /// Runs on the caller's loop, and calls <paramref name="progress"/> there after each piece.
    /// </summary>
    public static Task<CheckResult> RunAsync(
        TorrentStorage storage,
        PieceVerifier verifier,
        PieceSet? only,
        Action<CheckProgress>? progress,
        CancellationToken stop
    ) => new CheckRun(storage, verifier, only, progress).RunAsync(stop);
}

/// <param name="CheckedPieces">Pieces that are looked at.</param>
/// <param name="TotalPieces">Pieces to look at.</param>
/// <param name="CheckedBytes">Bytes of the looked-at pieces without padding.</param>
/// <param name="TotalBytes">Bytes of all pieces to look at without padding.</param>
/// <param name="GoodBytes">Bytes of those found good, without padding.</param>
public readonly record struct CheckProgress(
    int CheckedPieces,
    int TotalPieces,
    long CheckedBytes,
    long TotalBytes,
    long GoodBytes
);

/// <param name="Good">The pieces whose data is there and right.</param>
/// <param name="Files">How each file without padding stands, in the torrent's order.</param>
public sealed record CheckResult(PieceSet Good, IReadOnlyList<FileCheck> Files);

/// <summary>How a file stands after a check.</summary>
/// <param name="File">The file.</param>
/// <param name="LengthOnDisk">Bytes on disk; null when it is missing.</param>
/// <param name="BadPieces">Checked pieces with bytes of the file that are missing or wrong.</param>
public sealed record FileCheck(TorrentFile File, long? LengthOnDisk, IReadOnlyList<PieceIndex> BadPieces)
{
    /// <summary>Everything of it is there, is right, and nothing is behind its end.</summary>
    public bool IsGood => BadPieces.Count == 0 && LengthOnDisk == File.Length;
}
