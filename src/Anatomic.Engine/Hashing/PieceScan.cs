using Anatomic.Engine.Storage;
using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Hashing;

/// <summary>
/// Reads pieces from disk in large positioned reads and hands them to the workers, several runs under way at once, so that disk
/// and cores are busy together. Runs on the caller's loop.
/// </summary>
internal sealed class PieceScan<T>(TorrentStorage storage, IWorkers workers)
{
    private readonly int pieceLength = storage.Info.PieceLength;

    /// <summary>Runs under way at once; null: as many as the workers take, and one that is read meanwhile.</summary>
    public int? AtOnce { get; init; }

    /// <summary>The heavy work on one piece; on a worker.</summary>
    public required Func<PieceIndex, ReadOnlyMemory<byte>, T> Work { get; init; }

    /// <summary>Takes the result of a piece; on the loop, in no certain order.</summary>
    public required Action<PieceIndex, T> Done { get; init; }

    /// <summary>Told of a piece that could not be read whole; on the loop.</summary>
    public required Action<PieceIndex> Missing { get; init; }

    public async Task RunAsync(IReadOnlyList<PieceIndex> pieces, CancellationToken stop)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var piecesARun = Math.Max(1, EngineLimits.HashReadBytes / pieceLength);
        var fitting = (int)Math.Max(1, EngineLimits.HashBufferBytes / ((long)piecesARun * pieceLength));
        var flows = Math.Clamp(Math.Min(AtOnce ?? workers.Count + 1, fitting), 1, Math.Max(1, pieces.Count));
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, flows).Select(_ => FlowAsync()).ToArray());

        async Task FlowAsync()
        {
            try
            {
                var buffer = new byte[(int)Math.Min((long)piecesARun * pieceLength, storage.Info.SpaceLength)];
                while (next < pieces.Count)
                {
                    failed.Token.ThrowIfCancellationRequested();
                    var first = next++;
                    while (
                        next < pieces.Count
                        && next - first < piecesARun
                        && pieces[next].Value == pieces[first].Value + (next - first)
                    )
                    {
                        next++;
                    }
                    await HashAsync([.. pieces.Skip(first).Take(next - first)], buffer, failed.Token);
                }
            }
            catch
            {
                failed.Cancel();
                throw;
            }
        }
    }

    private async Task HashAsync(PieceIndex[] run, byte[] buffer, CancellationToken stop)
    {
        var begin = (long)run[0].Value * pieceLength;
        var wanted = (long)run[^1].Value * pieceLength + storage.Info.PieceSize(run[^1]) - begin;
        var read = await storage.ReadAsync(begin, buffer.AsMemory(0, (int)wanted), stop);
        var whole = run.TakeWhile(piece => EndOf(piece) - begin <= read).ToArray();
        if (whole.Length > 0)
        {
            var results = await workers.RunAsync(() => Array.ConvertAll(whole, piece => Work(piece, Slice(piece))));
            for (var i = 0; i < whole.Length; i++)
            {
                Done(whole[i], results[i]);
            }
        }
        if (whole.Length < run.Length)
        {
            Missing(run[whole.Length]);
            // What the read did not reach is asked for again, without the piece that stopped it.
            if (whole.Length + 1 < run.Length)
            {
                await HashAsync(run[(whole.Length + 1)..], buffer, stop);
            }
        }

        long EndOf(PieceIndex piece) => (long)piece.Value * pieceLength + storage.Info.PieceSize(piece);

        ReadOnlyMemory<byte> Slice(PieceIndex piece) =>
            buffer.AsMemory((int)((long)piece.Value * pieceLength - begin), storage.Info.PieceSize(piece));
    }
}
