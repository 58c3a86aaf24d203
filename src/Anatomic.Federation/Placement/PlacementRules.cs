using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Placement;

/// <summary>
/// Decides which nodes should hold a torrent. Everyone who knows the same live nodes computes the same list, so two
/// people who plant the same torrent choose the same nodes. docs/protocol/placement.md describes it.
/// </summary>
public static class PlacementRules
{
    /// <summary>The maximum number of draws per node: a large machine counts for at most four small ones.</summary>
    public const int MaxWeight = 4;

    /// <summary>The minimum number of eligible nodes, for networks in which 10 % would be few.</summary>
    public const int MinEligible = 16;

    /// <summary>Candidates in an order: four times the usual three holders.</summary>
    public const int OrderCandidates = 12;

    /// <summary>
    /// The best of 1–4 draws: the first 8 bytes of SHA-256(prefix ‖ h), and of SHA-256(prefix ‖ h ‖ i) for i = 1 …
    /// weight − 1.
    /// </summary>
    public static ulong Score(in PlacementPrefix prefix, in Hash20 hash, int weight)
    {
        const int plain = PlacementPrefix.Length + Hash20.Length;
        Span<byte> text = stackalloc byte[plain + 1];
        prefix.CopyTo(text);
        hash.CopyTo(text[PlacementPrefix.Length..]);
        var best = Rendezvous.Draw(text[..plain]);
        for (var draw = 1; draw < Math.Clamp(weight, 1, MaxWeight); draw++)
        {
            text[plain] = (byte)draw;
            best = Math.Max(best, Rendezvous.Draw(text));
        }
        return best;
    }

    /// <summary>
    /// All candidates in placement order: the best node of each prefix first, then the second node of each prefix, and
    /// so on.
    /// </summary>
    public static IReadOnlyList<NodeId> Rank(IEnumerable<PlacementCandidate> candidates, Hash20 hash)
    {
        var scored = candidates
            .Select(candidate => new Scored(candidate, Score(candidate.Prefix, hash, candidate.Weight)))
            .ToArray();
        Array.Sort(scored, (left, right) => CompareWithinNetwork(left, right, hash));
        var ranked = new (int Round, Scored Node)[scored.Length];
        var seen = new Dictionary<PlacementPrefix, int>();
        for (var i = 0; i < scored.Length; i++)
        {
            seen.TryGetValue(scored[i].Node.Prefix, out var round);
            seen[scored[i].Node.Prefix] = round + 1;
            ranked[i] = (round, scored[i]);
        }
        // OrderBy is stable, so each round keeps the order by score.
        return [.. ranked.OrderBy(entry => entry.Round).Select(entry => entry.Node.Node.Id)];
    }

    /// <summary>How many of the ranked nodes are eligible: max(16, 10 %).</summary>
    public static int EligibleCount(int liveNodes) => Math.Max(MinEligible, (liveNodes + 9) / 10);

    /// <summary>The eligible nodes for a hash, in placement order.</summary>
    public static IReadOnlyList<NodeId> Eligible(IReadOnlyCollection<PlacementCandidate> live, Hash20 hash)
    {
        var ranked = Rank(live, hash);
        return [.. ranked.Take(EligibleCount(ranked.Count))];
    }

    private static int CompareWithinNetwork(in Scored left, in Scored right, Hash20 hash)
    {
        var byScore = right.Score.CompareTo(left.Score);
        if (byScore != 0)
        {
            return byScore;
        }
        var byPrefix = left.Node.Prefix.CompareTo(right.Node.Prefix);
        if (byPrefix != 0)
        {
            return byPrefix;
        }
        // Nodes in one prefix have equal scores. The id, hashed with h, spreads the torrents among them.
        var byTie = Rendezvous.Score(right.Node.Id, hash).CompareTo(Rendezvous.Score(left.Node.Id, hash));
        return byTie != 0 ? byTie : left.Node.Id.CompareTo(right.Node.Id);
    }

    private readonly record struct Scored(PlacementCandidate Node, ulong Score);
}
