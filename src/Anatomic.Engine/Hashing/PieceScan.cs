using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Hashing;

/// <summary>
/// Reads pieces from disk and processes them on the workers. Reads are large, and several run at once, so that disk and
/// cores are busy together. Runs on the caller's loop.
/// </summary>
internal sealed class PieceScan<T>(TorrentStorage storage, IWorkers workers)
{
    private readonly int pieceLength = storage.Info.PieceLength;

    /// <summary>The number of concurrent reads; null (default): one more than there are workers.</summary>
    public int? MaxConcurrentReads { get; init; }

    /// <summary>Processes one piece; called on a worker.</summary>
    public required Func<PieceIndex, ReadOnlyMemory<byte>, T> Work { get; init; }

    /// <summary>Receives the result of a piece; called on the loop, in any order.</summary>
    public required Action<PieceIndex, T> Completed { get; init; }

    /// <summary>Called on the loop for a piece that could not be read completely.</summary>
    public required Action<PieceIndex> Missing { get; init; }

    public async Task RunAsync(IReadOnlyList<PieceIndex> pieces, CancellationToken stop)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var piecesPerRead = Math.Max(1, EngineLimits.HashReadBytes / pieceLength);
        var maxReads = (int)Math.Max(1, EngineLimits.HashBufferBytes / ((long)piecesPerRead * pieceLength));
        var wanted = Math.Min(MaxConcurrentReads ?? workers.Count + 1, maxReads);
        var readers = Math.Clamp(wanted, 1, Math.Max(1, pieces.Count));
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, readers).Select(_ => ReadLoopAsync()).ToArray());

        async Task ReadLoopAsync()
        {
            try
            {
                var buffer = new byte[(int)Math.Min((long)piecesPerRead * pieceLength, storage.Info.SpaceLength)];
                while (next < pieces.Count)
                {
                    failed.Token.ThrowIfCancellationRequested();
                    var first = next++;
                    while (
                        next < pieces.Count
                        && next - first < piecesPerRead
                        && pieces[next].Value == pieces[first].Value + (next - first)
                    )
                    {
                        next++;
                    }
                    await ReadAsync([.. pieces.Skip(first).Take(next - first)], buffer, failed.Token);
                }
            }
            catch
            {
                failed.Cancel();
                throw;
            }
        }
    }

    /// <summary>Reads consecutive pieces at once and processes them.</summary>
    private async Task ReadAsync(PieceIndex[] pieces, byte[] buffer, CancellationToken stop)
    {
        var begin = (long)pieces[0].Value * pieceLength;
        var length = EndOf(pieces[^1]) - begin;
        var holes = await storage.ReadAsync(begin, buffer.AsMemory(0, (int)length), stop);
        var complete = holes.IsEmpty ? pieces : [.. pieces.Where(piece => !IsMissing(piece))];
        if (complete.Length > 0)
        {
            var results = await workers.RunAsync(() => Array.ConvertAll(complete, piece => Work(piece, Slice(piece))));
            for (var i = 0; i < complete.Length; i++)
            {
                Completed(complete[i], results[i]);
            }
        }
        if (complete.Length < pieces.Length)
        {
            Array.ForEach([.. pieces.Where(IsMissing)], Missing);
        }

        bool IsMissing(PieceIndex piece) =>
            holes.Overlap((long)piece.Value * pieceLength, storage.Info.PieceSize(piece));

        long EndOf(PieceIndex piece) => (long)piece.Value * pieceLength + storage.Info.PieceSize(piece);

        ReadOnlyMemory<byte> Slice(PieceIndex piece) =>
            buffer.AsMemory((int)((long)piece.Value * pieceLength - begin), storage.Info.PieceSize(piece));
    }
}
