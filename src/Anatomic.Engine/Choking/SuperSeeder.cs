using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Choking;

/// <summary>
/// Superseeding (BEP 16): each peer is offered one piece at a time, and the next only after another peer announced the
/// last one. A new torrent thus leaves its only seed little more than once before others can go on without it.
/// </summary>
internal sealed class SuperSeeder(int pieceCount, Entropy entropy)
{
    private readonly Dictionary<int, PeerOffers> peers = [];
    private readonly int[] offers = new int[pieceCount];

    /// <summary>Whether the peer may request the piece: it was offered to it.</summary>
    public bool MayRequest(int peer, PieceIndex piece) =>
        peers.TryGetValue(peer, out var its) && its.All.Contains(piece);

    /// <summary>
    /// The piece to announce to the peer now: one that it lacks and that was offered least; null while it has an offer
    /// that nobody else has, or when it has all.
    /// </summary>
    public PieceIndex? Offer(int peer, PieceSet has)
    {
        if (!peers.TryGetValue(peer, out var its))
        {
            peers.Add(peer, its = new PeerOffers());
        }
        if (its.Current is not null)
        {
            return null;
        }
        PieceIndex? best = null;
        var from = entropy.Next(pieceCount);
        for (var i = 0; i < pieceCount; i++)
        {
            var piece = new PieceIndex((from + i) % pieceCount);
            if (
                !has[piece]
                && !its.All.Contains(piece)
                && (best is not { } other || offers[piece.Value] < offers[other.Value])
            )
            {
                best = piece;
            }
        }
        if (best is { } chosen)
        {
            its.Current = chosen;
            its.All.Add(chosen);
            offers[chosen.Value]++;
        }
        return best;
    }

    /// <summary>
    /// A peer announced pieces. Adds the peers that may be offered the next one to <paramref name="free"/>: those that
    /// one of the pieces was offered to, except the peer itself unless it is alone.
    /// </summary>
    public void Announced(int peer, Func<PieceIndex, bool> has, ICollection<int> free)
    {
        foreach (var (number, its) in peers)
        {
            if (its.Current is { } current && (number != peer || peers.Count == 1) && has(current))
            {
                its.Current = null;
                free.Add(number);
            }
        }
    }

    public void Disconnected(int peer)
    {
        if (peers.Remove(peer, out var its) && its.Current is { } piece)
        {
            // Perhaps it did not get it: the piece is as rare as before.
            offers[piece.Value]--;
        }
    }

    private sealed class PeerOffers
    {
        public PieceIndex? Current { get; set; }
        public HashSet<PieceIndex> All { get; } = [];
    }
}
