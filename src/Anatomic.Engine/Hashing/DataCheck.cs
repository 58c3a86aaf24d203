using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.Wire.Metainfo;

namespace Anatomic.Engine.Hashing;

/// <summary>
/// Compares the data on disk with a torrent's hashes; used by <c>verify</c> and <c>seed</c>, and to resume torrents.
/// </summary>
public static class DataCheck
{
    /// <summary>
    /// Checks the pieces in <paramref name="only"/> (null: all pieces), several at once on the workers. Missing files
    /// are not read. Runs on the caller's loop, and calls <paramref name="progress"/> there after each piece.
    /// </summary>
    public static async Task<CheckResult> RunAsync(
        TorrentStorage storage,
        PieceVerifier verifier,
        PieceSet? only,
        Action<CheckProgress>? progress,
        CancellationToken stop
    )
    {
        var entries = await storage.FindFilesAsync(stop);
        return await new CheckRun(storage, verifier, entries, only, progress).RunAsync(stop);
    }
}

/// <summary>The progress of a check.</summary>
/// <param name="CheckedPieces">Pieces checked so far.</param>
/// <param name="TotalPieces">Pieces to check.</param>
/// <param name="CheckedBytes">Bytes checked so far, without padding.</param>
/// <param name="TotalBytes">Bytes to check, without padding.</param>
/// <param name="GoodBytes">Bytes found valid so far, without padding.</param>
public readonly record struct CheckProgress(
    int CheckedPieces,
    int TotalPieces,
    long CheckedBytes,
    long TotalBytes,
    long GoodBytes
);

/// <summary>The result of a check.</summary>
/// <param name="Good">The pieces whose data is present and valid.</param>
/// <param name="Files">The result for each file without padding, in the torrent's order.</param>
public sealed record CheckResult(PieceSet Good, IReadOnlyList<FileCheck> Files);

/// <summary>The result of a check for one file.</summary>
/// <param name="File">The checked file.</param>
/// <param name="LengthOnDisk">The length on disk, in bytes; null when the file is missing.</param>
/// <param name="BadPieces">The checked pieces of the file that are missing or invalid.</param>
public sealed record FileCheck(TorrentFile File, long? LengthOnDisk, IReadOnlyList<PieceIndex> BadPieces)
{
    /// <summary>The file is complete and valid, and not longer than it should be.</summary>
    public bool IsGood => BadPieces.Count == 0 && LengthOnDisk == File.Length;
}
