using Anatomic.World;

namespace Anatomic.Engine.Choking;

/// <summary>
/// Decides which peers are unchoked (BEP 3). While leeching, these are the peers that send fastest, chosen every ten
/// seconds. One slot goes to a random peer for thirty seconds, so that new peers can prove themselves. While seeding,
/// these are the peers that receive fastest; after a minute, waiting peers replace them.
/// </summary>
internal sealed class Choker(int slots, Entropy entropy)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan OptimisticInterval = TimeSpan.FromSeconds(30);

    /// <summary>While seeding, a peer keeps its slot for this time when others wait.</summary>
    private static readonly TimeSpan SeedingTurn = TimeSpan.FromSeconds(60);

    /// <summary>
    /// A peer connected for less than this is three times as likely to be the optimistic one (BEP 3).
    /// </summary>
    private static readonly TimeSpan NewPeerAge = TimeSpan.FromSeconds(60);

    private readonly List<ChokeCandidate> ranked = [];
    private DateTimeOffset nextDecision;
    private DateTimeOffset nextOptimistic;

    /// <summary>The number of the optimistically unchoked peer; 0 when there is none.</summary>
    public int Optimistic { get; private set; }

    /// <summary>Whether the next decision is due.</summary>
    public bool IsDue(DateTimeOffset now) => now >= nextDecision;

    /// <summary>Replaces the content of <paramref name="unchoked"/> with the peers to unchoke.</summary>
    public void Decide(
        DateTimeOffset now,
        ReadOnlySpan<ChokeCandidate> candidates,
        bool seeding,
        ICollection<int> unchoked
    )
    {
        nextDecision = now + Interval;
        unchoked.Clear();
        ranked.Clear();
        foreach (var candidate in candidates)
        {
            if (candidate.Interested && (seeding || !candidate.Snubbed))
            {
                ranked.Add(candidate);
            }
        }
        ranked.Sort(seeding ? CompareWhileSeeding : CompareWhileLeeching);
        ChooseOptimistic(now, candidates);
        if (Optimistic != 0)
        {
            unchoked.Add(Optimistic);
        }
        foreach (var candidate in ranked)
        {
            if (unchoked.Count >= slots)
            {
                break;
            }
            if (candidate.PeerNumber != Optimistic)
            {
                unchoked.Add(candidate.PeerNumber);
            }
        }
    }

    /// <summary>Whether a peer that became interested may be unchoked at once, before the next decision.</summary>
    public bool HasFreeSlot(int unchoked) => unchoked < slots;

    private static int CompareWhileLeeching(ChokeCandidate a, ChokeCandidate b)
    {
        var byRate = b.DownloadRate.CompareTo(a.DownloadRate);
        return byRate != 0 ? byRate : a.PeerNumber.CompareTo(b.PeerNumber);
    }

    private static int CompareWhileSeeding(ChokeCandidate a, ChokeCandidate b)
    {
        // Waiting peers come before those that had their turn; the fastest comes first in each group.
        var byTurn = HadTurn(a).CompareTo(HadTurn(b));
        if (byTurn != 0)
        {
            return byTurn;
        }
        var byRate = b.UploadRate.CompareTo(a.UploadRate);
        return byRate != 0 ? byRate : a.PeerNumber.CompareTo(b.PeerNumber);
    }

    private static bool HadTurn(ChokeCandidate candidate) => candidate.Unchoked && candidate.UnchokedFor > SeedingTurn;

    private void ChooseOptimistic(DateTimeOffset now, ReadOnlySpan<ChokeCandidate> candidates)
    {
        var canStay = false;
        var totalWeight = 0;
        foreach (var candidate in candidates)
        {
            canStay |= candidate.Interested && candidate.PeerNumber == Optimistic;
            totalWeight += Weight(candidate);
        }
        if (canStay && now < nextOptimistic)
        {
            return;
        }
        nextOptimistic = now + OptimisticInterval;
        if (totalWeight == 0)
        {
            Optimistic = canStay ? Optimistic : 0;
            return;
        }
        var chosen = entropy.Next(totalWeight);
        foreach (var candidate in candidates)
        {
            chosen -= Weight(candidate);
            if (chosen < 0)
            {
                Optimistic = candidate.PeerNumber;
                return;
            }
        }
    }

    private static int Weight(in ChokeCandidate candidate) =>
        !candidate.Interested || candidate.Unchoked ? 0
        : candidate.ConnectedFor < NewPeerAge ? 3
        : 1;
}
