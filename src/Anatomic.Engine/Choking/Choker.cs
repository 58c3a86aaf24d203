using Anatomic.Wire;
using Anatomic.World;

namespace Anatomic.Engine.Choking;

/// <summary>
/// Decides which peers are unchoked (BEP 3). While leeching, these are the peers that send fastest, chosen every ten
/// seconds. One slot goes to a random peer for thirty seconds, so that new peers can prove themselves. While seeding,
/// these are the peers that receive fastest; after a minute, waiting peers replace them. Many connections of one host
/// get a quarter of the slots while others wait.
/// </summary>
internal sealed class Choker(Entropy entropy)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan OptimisticInterval = TimeSpan.FromSeconds(30);

    /// <summary>While seeding, a peer keeps its slot for this time when others wait.</summary>
    private static readonly TimeSpan SeedingTurn = TimeSpan.FromSeconds(60);

    /// <summary>
    /// A peer connected for less than this is three times as likely to be the optimistic one (BEP 3).
    /// </summary>
    private static readonly TimeSpan NewPeerAge = TimeSpan.FromSeconds(60);

    /// <summary>Connections of one host get at most this part of the slots while others wait.</summary>
    private const int HostPart = 4;

    private readonly List<ChokeCandidate> ranked = [];
    private readonly Dictionary<Endpoint, int> slotsOfHost = [];
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
        int slots,
        bool seeding,
        ICollection<int> unchoked
    )
    {
        nextDecision = now + Interval;
        unchoked.Clear();
        slotsOfHost.Clear();
        Rank(candidates, seeding);
        ChooseOptimistic(now, candidates);
        foreach (var candidate in candidates)
        {
            if (candidate.PeerNumber == Optimistic)
            {
                unchoked.Add(Optimistic);
                slotsOfHost[candidate.Host] = 1;
            }
        }
        Fill(slots, Math.Max(1, slots / HostPart), unchoked);
        Fill(slots, int.MaxValue, unchoked);
    }

    /// <summary>
    /// The peer that gets a free slot at once, before the next decision; 0 when no slot is free or nobody waits.
    /// </summary>
    public int ChooseForFreeSlot(ReadOnlySpan<ChokeCandidate> candidates, int slots, bool seeding)
    {
        var used = 0;
        slotsOfHost.Clear();
        foreach (var candidate in candidates)
        {
            if (candidate is { Unchoked: true, Interested: true })
            {
                used++;
                slotsOfHost[candidate.Host] = slotsOfHost.GetValueOrDefault(candidate.Host) + 1;
            }
        }
        if (used >= slots)
        {
            return 0;
        }
        Rank(candidates, seeding);
        var best = 0;
        var fewest = int.MaxValue;
        foreach (var candidate in ranked)
        {
            var slotsOfThis = slotsOfHost.GetValueOrDefault(candidate.Host);
            if (!candidate.Unchoked && slotsOfThis < fewest)
            {
                (best, fewest) = (candidate.PeerNumber, slotsOfThis);
            }
        }
        return best;
    }

    private void Rank(ReadOnlySpan<ChokeCandidate> candidates, bool seeding)
    {
        ranked.Clear();
        foreach (var candidate in candidates)
        {
            if (candidate.Interested && (seeding || !candidate.Snubbed))
            {
                ranked.Add(candidate);
            }
        }
        ranked.Sort(seeding ? CompareWhileSeeding : CompareWhileLeeching);
    }

    /// <summary>Gives slots to the best, and at most <paramref name="hostSlots"/> to each host.</summary>
    private void Fill(int slots, int hostSlots, ICollection<int> unchoked)
    {
        foreach (var candidate in ranked)
        {
            if (unchoked.Count >= slots)
            {
                return;
            }
            var slotsOfThis = slotsOfHost.GetValueOrDefault(candidate.Host);
            if (slotsOfThis < hostSlots && !unchoked.Contains(candidate.PeerNumber))
            {
                unchoked.Add(candidate.PeerNumber);
                slotsOfHost[candidate.Host] = slotsOfThis + 1;
            }
        }
    }

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
        Dictionary<Endpoint, int> waitingOfHost = [];
        foreach (var candidate in candidates)
        {
            canStay |= candidate.Interested && candidate.PeerNumber == Optimistic;
            if (Weight(candidate) > 0)
            {
                waitingOfHost[candidate.Host] = waitingOfHost.GetValueOrDefault(candidate.Host) + 1;
            }
        }
        if (canStay && now < nextOptimistic)
        {
            return;
        }
        nextOptimistic = now + OptimisticInterval;
        if (waitingOfHost.Count == 0)
        {
            Optimistic = canStay ? Optimistic : 0;
            return;
        }
        // A host with many connections is no more likely to be chosen than one with a single connection.
        var total = 0.0;
        foreach (var candidate in candidates)
        {
            total += Share(candidate);
        }
        var chosen = entropy.NextDouble() * total;
        foreach (var candidate in candidates)
        {
            if (Weight(candidate) > 0)
            {
                Optimistic = candidate.PeerNumber;
                chosen -= Share(candidate);
                if (chosen < 0)
                {
                    return;
                }
            }
        }

        double Share(in ChokeCandidate candidate) =>
            Weight(candidate) is > 0 and var weight ? (double)weight / waitingOfHost[candidate.Host] : 0;
    }

    private static int Weight(in ChokeCandidate candidate) =>
        !candidate.Interested || candidate.Unchoked ? 0
        : candidate.ConnectedFor < NewPeerAge ? 3
        : 1;
}
