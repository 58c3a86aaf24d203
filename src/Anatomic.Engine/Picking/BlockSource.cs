using Anatomic.Engine.Limits;
using Anatomic.Wire;
using Anatomic.Wire.Peers;

namespace Anatomic.Engine.Picking;

/// <summary>
/// Something that sends blocks on request, such as a connected peer: what it has, what it was asked for, and how fast
/// it is. <see cref="RequestScheduler"/> decides; an implementation only sends the messages.
/// </summary>
/// <param name="number">Above 0 and unique in the torrent.</param>
/// <param name="address">Where its data comes from; the address that is banned when the data is wrong.</param>
internal abstract class BlockSource(int number, Endpoint address)
{
    private EventBudget unchokes = new(EngineLimits.MaxUnchokes, EngineLimits.UnchokeInterval);
    private DateTimeOffset forgetRejectedAt;

    public int Number { get; } = number;
    public Endpoint Address { get; } = address;

    /// <summary>The pieces it has; null while they are not known.</summary>
    public abstract PieceSet? Pieces { get; }

    /// <summary>Whether it may be asked now for any block at all.</summary>
    public abstract bool AcceptsRequests { get; }

    /// <summary>
    /// The only pieces it may be asked for at present (BEP 6's allowed fast set); null for all it has.
    /// </summary>
    public abstract IReadOnlyCollection<PieceIndex>? AllowedPieces { get; }

    /// <summary>Payload received from it, in bytes per second.</summary>
    public abstract long Rate { get; }

    /// <summary>Our requests to it.</summary>
    public OutstandingRequests Outstanding { get; } = new();
    public RequestWindow Window { get; } = new();

    /// <summary>The piece picker has counted its pieces.</summary>
    public bool IsCounted { get; set; }

    /// <summary>The number of its pieces that we want.</summary>
    public int InterestingPieces { get; set; }

    /// <summary>It answered no request for <see cref="EngineLimits.SnubTimeout"/>.</summary>
    public bool IsSnubbed { get; set; }

    /// <summary>Something changed since blocks were last picked for it.</summary>
    public bool NeedsPick { get; set; }

    /// <summary>
    /// Enough room for requests that a batch is worth its cost; the rest of the window keeps it busy meanwhile.
    /// </summary>
    public bool HasRoom => Window.Size - Outstanding.Count >= Math.Max(1, Window.Size / 8);

    /// <summary>When a block came last, or the first of the outstanding requests was sent.</summary>
    public DateTimeOffset LastBlock { get; set; }

    /// <summary>Blocks it sent without a request since the last one we wanted.</summary>
    public int UnrequestedBlocks { get; set; }

    /// <summary>Requests it rejected without choking us since the last block we wanted.</summary>
    public int Rejections { get; set; }

    /// <summary>
    /// Pieces of which it rejected a block, until it unchokes us or <see cref="EngineLimits.RejectPause"/> has passed.
    /// </summary>
    public HashSet<PieceIndex>? RejectedPieces { get; private set; }

    /// <summary>Writes requests; <see cref="Flush"/> sends them.</summary>
    public abstract void Request(BlockRange block);

    /// <summary>Writes the cancellation of a request; <see cref="Flush"/> sends it.</summary>
    public abstract void Cancel(BlockRange block);

    /// <summary>Tells it whether we want any of its pieces.</summary>
    public abstract void ShowInterest(bool interested);

    public abstract void Flush();

    /// <summary>Counts a block that was requested from it.</summary>
    public abstract void BlockReceived(int bytes, DateTimeOffset now);

    /// <summary>The time until a block that is requested now is expected; the maximum when it sends nothing.</summary>
    public TimeSpan QueueTime(DateTimeOffset now)
    {
        if (IsSnubbed)
        {
            return TimeSpan.MaxValue;
        }
        if (Outstanding.Count == 0)
        {
            return Window.RoundTrip;
        }
        var rate = Rate;
        var queue =
            rate > 0 ? TimeSpan.FromSeconds((double)Outstanding.Count * PeerLimits.BlockBytes / rate) : TimeSpan.Zero;
        var isSilent = now - LastBlock > EngineLimits.SilenceBeforeRepeat + Window.RoundTrip;
        return isSilent ? TimeSpan.MaxValue : queue + Window.RoundTrip;
    }

    /// <summary>Remembers that it rejected a block of the piece.</summary>
    public void Reject(PieceIndex piece, DateTimeOffset now)
    {
        if (RejectedPieces is null or { Count: 0 })
        {
            forgetRejectedAt = now + EngineLimits.RejectPause;
        }
        (RejectedPieces ??= []).Add(piece);
    }

    public void ForgetRejected() => RejectedPieces?.Clear();

    public void ForgetRejected(DateTimeOffset now)
    {
        if (RejectedPieces is { Count: > 0 } && now >= forgetRejectedAt)
        {
            RejectedPieces.Clear();
            NeedsPick = true;
        }
    }

    /// <summary>Counts an unchoke, which lets us send requests; false when it is one too many.</summary>
    public bool MayUnchoke(DateTimeOffset now) => unchokes.TrySpend(now);
}
