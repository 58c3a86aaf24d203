using Anatomic.Engine.Hashing;
using Anatomic.Engine.Picking;
using Anatomic.Wire;
using Anatomic.Wire.Peers;
using Anatomic.World;

namespace Anatomic.Engine.Torrents;

/// <summary>
/// Assembles the blocks that <see cref="RequestScheduler"/> requests to pieces in memory, and writes each piece once
/// its hash is verified.
/// </summary>
internal sealed class Downloader
{
    private readonly TorrentContext torrent;
    private readonly PiecePicker picker;
    private readonly PieceBufferPool pool;
    private readonly SmartBan smartBan = new();
    private readonly Dictionary<PieceIndex, ArrivingPiece> arriving = [];
    private readonly SourceAddresses addresses = new();
    private readonly TaskCompletionSource allFinished = new();
    private int finishingPieces;
    private int starvedSeconds;
    private bool isClosed;

    public Downloader(TorrentContext torrent, PiecePicker picker)
    {
        this.torrent = torrent;
        this.picker = picker;
        pool = new PieceBufferPool(torrent.Info.PieceLength, torrent.Shared.PieceMemory);
        torrent.Shared.PieceMemory.Join();
        Requests = new RequestScheduler(
            picker,
            torrent.Info.PieceContentSize,
            torrent.DownloadTotals,
            torrent.World.Clock
        )
        {
            FreePieces = () => pool.Available,
            PieceStarted = PieceStarted,
        };
    }

    public PiecePicker Picker => picker;

    /// <summary>The sources of blocks and our requests to them.</summary>
    public RequestScheduler Requests { get; }

    /// <summary>Called after a piece was written.</summary>
    public required Action<PieceIndex> PieceWritten { get; init; }

    /// <summary>
    /// Called with the reason when a write or an internal operation failed; the torrent cannot continue.
    /// </summary>
    public required Action<string> Failed { get; init; }

    /// <summary>
    /// Called with the address that sent a wrong piece or block, and the reason for the user. It may be disconnected.
    /// </summary>
    public required Action<Endpoint, string> BadSourceFound { get; init; }

    public void Add(BlockSource source)
    {
        Requests.Add(source);
        addresses.Add(source, Requests, picker);
        if (source.Pieces is not null)
        {
            Requests.PiecesKnown(source);
        }
    }

    public void Remove(BlockSource source) => Requests.Remove(source);

    /// <summary>Requests blocks after all messages of a receive were handled, if one of them permits more.</summary>
    public void MessagesHandled(BlockSource source)
    {
        if (source.NeedsPick && source.HasRoom)
        {
            Requests.Request(source, torrent.Now);
        }
    }

    /// <summary>Stores a received block. A fault means that the source sent something else than we requested.</summary>
    public Fault? BlockReceived(BlockSource source, BlockRange range, ReadOnlySpan<byte> bytes)
    {
        var now = torrent.Now;
        if (!Requests.Receive(source, range, now, out var fault))
        {
            return fault;
        }
        source.BlockReceived(bytes.Length, now);
        torrent.Down.Add(bytes.Length);
        var piece = arriving[range.Piece];
        bytes.CopyTo(piece.Buffer.AsSpan(range.Begin));
        if (picker.State(range.Piece) == PieceState.Complete)
        {
            _ = FinishAsync(range.Piece);
        }
        else
        {
            var leading = picker.Partial(range.Piece)!.LeadingBlocks;
            piece.Digest?.Advance(piece.Buffer.AsMemory(0, leading * PeerLimits.BlockBytes));
        }
        return null;
    }

    /// <summary>
    /// Changes what is wanted. Requests of pieces that are not wanted any more are cancelled and their blocks
    /// forgotten; pieces that became wanted are requested at once.
    /// </summary>
    /// <param name="priorities">The priority of each piece, 0 to 7; see <see cref="PiecePriorities"/>.</param>
    public void Prioritise(ReadOnlySpan<byte> priorities)
    {
        Invariant.Holds(priorities.Length == picker.PieceCount);
        for (var i = 0; i < priorities.Length; i++)
        {
            var piece = new PieceIndex(i);
            picker.SetPriority(piece, priorities[i]);
            if (priorities[i] == 0 && picker.State(piece) == PieceState.Partial)
            {
                Requests.Discard(piece);
                ReturnBuffer(piece);
            }
        }
        Requests.WantedChanged();
        Requests.RequestFromAll(torrent.Now);
    }

    /// <summary>Requests a piece before all others, so that it is there at the instant; for players.</summary>
    public void SetDeadline(PieceIndex piece, DateTimeOffset at)
    {
        picker.SetDeadline(piece, at);
        Requests.RequestFromAll(torrent.Now);
    }

    public void ClearDeadline(PieceIndex piece) => picker.ClearDeadline(piece);

    /// <summary>How often the pieces exist among the connected sources.</summary>
    public PieceCopies CountCopies()
    {
        // Seeds are not counted piece by piece.
        var seeds = Requests.Sources.Count(source => !source.IsCounted && source.Pieces is { IsFull: true });
        return PieceCopies.Of(picker.Availability, seeds);
    }

    /// <summary>Detects snubbing sources and sends requests; called once per second.</summary>
    public void Tick(DateTimeOffset now)
    {
        Requests.Tick(now);
        EvictStarved();
        torrent.Shared.PieceMemory.Trim(now);
    }

    /// <summary>
    /// Ends all requests and frees the memory of partial pieces. Pieces that are complete are still written; the task
    /// completes after them.
    /// </summary>
    public Task CloseAsync()
    {
        if (isClosed)
        {
            return allFinished.Task;
        }
        isClosed = true;
        foreach (var source in Requests.Sources.ToArray())
        {
            Requests.Remove(source);
            source.InterestingPieces = 0;
            source.ShowInterest(false);
        }
        foreach (var partial in picker.Partials)
        {
            ReturnBuffer(partial.Piece);
        }
        torrent.Shared.PieceMemory.Leave();
        if (finishingPieces == 0)
        {
            allFinished.TrySetResult();
        }
        return allFinished.Task;
    }

    private void PieceStarted(PieceIndex piece)
    {
        if (!arriving.ContainsKey(piece))
        {
            var isLarge = torrent.Info.PieceContentSize(piece) > 2 * EngineLimits.HashStepBytes;
            var digest = isLarge ? new ArrivingDigest(torrent.Info, piece, torrent.World.Workers) : null;
            arriving.Add(piece, new ArrivingPiece(pool.Rent(), digest));
        }
    }

    /// <summary>Verifies and writes a complete piece, and announces it to the peers.</summary>
    private async Task FinishAsync(PieceIndex piece)
    {
        finishingPieces++;
        arriving.Remove(piece, out var arrived);
        var buffer = arrived.Buffer;
        var size = torrent.Info.PieceSize(piece);
        // Padding after the content is zeros (BEP 47), but the buffer has been used before.
        buffer.AsSpan(torrent.Info.PieceContentSize(piece)..size).Clear();
        ReadOnlyMemory<byte>[] segments = [buffer.AsMemory(0, size)];
        try
        {
            var isRight = arrived.Digest is { } digest
                ? await digest.FinishAsync(torrent.Verifier!, segments[0])
                : await torrent.Verifier!.VerifyAsync(piece, segments);
            if (isRight)
            {
                await torrent.Storage!.WritePieceAsync(piece, segments, torrent.Stop);
                picker.PieceWritten(piece);
                torrent.HavePieces!.Add(piece);
                SendHave(piece);
                Requests.PieceWritten(piece);
                PieceWritten(piece);
                await BanSuspectsAsync(piece, buffer);
            }
            else
            {
                await PieceFailedAsync(piece, buffer);
            }
        }
        catch (OperationCanceledException)
        {
            // The torrent stops. The piece is downloaded again next time.
        }
        catch (DiskException failure)
        {
            picker.PieceFailed(piece, parole: false);
            Failed(failure.Message);
        }
        catch (Exception bug)
        {
            Failed(bug.Message);
        }
        finally
        {
            pool.Return(buffer);
            finishingPieces--;
        }
        if (!isClosed)
        {
            Requests.RequestFromAll(torrent.Now);
        }
        else if (finishingPieces == 0)
        {
            allFinished.TrySetResult();
        }
    }

    private void SendHave(PieceIndex piece)
    {
        foreach (var peer in torrent.Peers)
        {
            PeerMessageWriter.Index(peer.Connection.Output, PeerMessageId.Have, piece);
            peer.Connection.Flush();
        }
    }

    /// <summary>
    /// Handles a piece with a wrong hash. A source that sent all of it is bad. With several senders, the next attempt
    /// uses a single one, and the right blocks will tell who sent wrong ones.
    /// </summary>
    private async Task PieceFailedAsync(PieceIndex piece, byte[] buffer)
    {
        torrent.DownloadTotals.HashFailedBytes += torrent.Info.PieceContentSize(piece);
        var senders = Array.ConvertAll(picker.Partial(piece)!.Sources, addresses.Of);
        var isSingleSource = Array.TrueForAll(senders, sender => sender == senders[0]);
        if (isSingleSource)
        {
            picker.PieceFailed(piece, parole: smartBan.Suspects(piece));
            BadSourceFound(senders[0], $"the peer sent a wrong piece {piece.Value:N0}");
            return;
        }
        var hashes = await HashBlocksAsync(piece, buffer);
        smartBan.PieceFailed(piece, hashes, senders);
        picker.PieceFailed(piece, parole: true);
    }

    private async Task BanSuspectsAsync(PieceIndex piece, byte[] buffer)
    {
        if (!smartBan.Suspects(piece))
        {
            return;
        }
        foreach (var sender in smartBan.PieceGood(piece, await HashBlocksAsync(piece, buffer)))
        {
            BadSourceFound(sender, $"the peer sent wrong blocks of piece {piece.Value:N0}");
        }
    }

    private Task<ulong[]> HashBlocksAsync(PieceIndex piece, byte[] buffer)
    {
        var content = buffer.AsMemory(0, torrent.Info.PieceContentSize(piece));
        return torrent.World.Workers.RunAsync(() => SmartBan.HashBlocks(content.Span));
    }

    /// <summary>
    /// Discards a partial piece when all memory is held by pieces that no source can complete, so that others can
    /// start. Rare: the peers that have these pieces must all have disconnected.
    /// </summary>
    private void EvictStarved()
    {
        var isStarved =
            pool.Available == 0
            && finishingPieces == 0
            && Requests.Sources.Any(source => source.Outstanding.Count == 0 && source.InterestingPieces > 0);
        if (!isStarved)
        {
            starvedSeconds = 0;
        }
        else if (++starvedSeconds >= EngineLimits.MaxStarvedSeconds && picker.SmallestIdle() is { } piece)
        {
            Requests.Discard(piece);
            ReturnBuffer(piece);
            starvedSeconds = 0;
        }
    }

    private void ReturnBuffer(PieceIndex piece)
    {
        if (arriving.Remove(piece, out var abandoned))
        {
            _ = abandoned.Digest?.AbandonAsync();
            pool.Return(abandoned.Buffer);
        }
    }

    /// <param name="Buffer">The memory of the piece.</param>
    /// <param name="Digest">Hashes it meanwhile; null for small pieces, where that is not worth a job.</param>
    private readonly record struct ArrivingPiece(byte[] Buffer, ArrivingDigest? Digest);
}
