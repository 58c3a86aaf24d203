using Anatomic.World;

namespace Anatomic.Engine.Choking;

/// <summary>What the choker knows of one peer.</summary>
/// <param name="Peer">Its number.</param>
/// <param name="Interested">It wants something of ours.</param>
/// <param name="Unchoked">It may request at present.</param>
/// <param name="Snubbed">It owes us blocks for a minute: it gets nothing but the optimistic place.</param>
/// <param name="DownloadRate">Payload from it, bytes a second.</param>
/// <param name="UploadRate">Payload to it, bytes a second.</param>
/// <param name="UnchokedFor">How long it may already request.</param>
/// <param name="ConnectedFor">How long it is connected.</param>
internal readonly record struct ChokeCandidate(
    int Peer,
    bool Interested,
    bool Unchoked,
    bool Snubbed,
    long DownloadRate,
    long UploadRate,
    TimeSpan UnchokedFor,
    TimeSpan ConnectedFor
);

/// <summary>
/// Decides who may request. Leeching: those who give most, every ten seconds, and one at random, every thirty, so that newcomers
/// can show what they give (BEP 3). Seeding: those who take fastest, but after a minute others get their turn.
/// </summary>
internal sealed class Choker(int slots, Entropy entropy)
{
    public static readonly TimeSpan Round = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan OptimisticRound = TimeSpan.FromSeconds(30);

    /// <summary>A seed's peer gives its place away after so long when others wait.</summary>
    private static readonly TimeSpan SeedingTurn = TimeSpan.FromSeconds(60);

    /// <summary>So new that it is three times as likely to be tried (BEP 3).</summary>
    private static readonly TimeSpan Newcomer = TimeSpan.FromSeconds(60);

    private readonly List<ChokeCandidate> ranked = [];
    private DateTimeOffset nextRound;
    private DateTimeOffset nextOptimistic;

    /// <summary>The peer tried at random; 0 when there is none.</summary>
    public int Optimistic { get; private set; }

    /// <summary>Whether a new round is due.</summary>
    public bool IsDue(DateTimeOffset now) => now >= nextRound;

    /// <summary>Fills <paramref name="unchoked"/> with everybody who may request from now on.</summary>
    public void Decide(
        DateTimeOffset now,
        ReadOnlySpan<ChokeCandidate> candidates,
        bool seeding,
        ICollection<int> unchoked
    )
    {
        nextRound = now + Round;
        unchoked.Clear();
        ranked.Clear();
        foreach (var candidate in candidates)
        {
            if (candidate.Interested && (seeding || !candidate.Snubbed))
            {
                ranked.Add(candidate);
            }
        }
        ranked.Sort(seeding ? BySeeding : ByGiving);
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
            if (candidate.Peer != Optimistic)
            {
                unchoked.Add(candidate.Peer);
            }
        }
    }

    /// <summary>Whether a peer that has just become interested may request at once, without waiting for the round.</summary>
    public bool HasFreeSlot(int unchoked) => unchoked < slots;

    private static int ByGiving(ChokeCandidate a, ChokeCandidate b)
    {
        var byRate = b.DownloadRate.CompareTo(a.DownloadRate);
        return byRate != 0 ? byRate : a.Peer.CompareTo(b.Peer);
    }

    private static int BySeeding(ChokeCandidate a, ChokeCandidate b)
    {
        // Whoever has had its turn goes behind those who wait; among each kind the fastest first.
        var byTurn = HadTurn(a).CompareTo(HadTurn(b));
        if (byTurn != 0)
        {
            return byTurn;
        }
        var byRate = b.UploadRate.CompareTo(a.UploadRate);
        return byRate != 0 ? byRate : a.Peer.CompareTo(b.Peer);
    }

    private static bool HadTurn(ChokeCandidate candidate) => candidate.Unchoked && candidate.UnchokedFor > SeedingTurn;

    private void ChooseOptimistic(DateTimeOffset now, ReadOnlySpan<ChokeCandidate> candidates)
    {
        var stays = false;
        var weight = 0;
        foreach (var candidate in candidates)
        {
            stays |= candidate.Interested && candidate.Peer == Optimistic;
            weight += Weight(candidate);
        }
        if (stays && now < nextOptimistic)
        {
            return;
        }
        nextOptimistic = now + OptimisticRound;
        if (weight == 0)
        {
            Optimistic = stays ? Optimistic : 0;
            return;
        }
        var chosen = entropy.Next(weight);
        foreach (var candidate in candidates)
        {
            chosen -= Weight(candidate);
            if (chosen < 0)
            {
                Optimistic = candidate.Peer;
                return;
            }
        }
    }

    private static int Weight(in ChokeCandidate candidate) =>
        !candidate.Interested || candidate.Unchoked ? 0
        : candidate.ConnectedFor < Newcomer ? 3
        : 1;
}
