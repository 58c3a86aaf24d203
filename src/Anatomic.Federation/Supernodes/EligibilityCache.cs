using Anatomic.Federation.Placement;
using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Supernodes;

/// <summary>Caches which nodes are eligible for recently requested hashes, until the directory changes.</summary>
internal sealed class EligibilityCache(MemberDirectory directory)
{
    // Ranking 1,000 nodes takes about 300 µs; few hashes are in demand at a time.
    private const int MaxHashes = 4_096;

    // Probation ends without a change of the directory.
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private readonly Dictionary<Hash20, HashSet<NodeId>> cache = [];
    private IReadOnlyList<PlacementCandidate> candidates = [];
    private long generation = -1;
    private DateTimeOffset refreshedAt;

    public bool Has(Hash20 hash, Member member, DateTimeOffset now)
    {
        if (generation != directory.Generation || now - refreshedAt > MaxAge)
        {
            candidates = directory.PlacementCandidates(now);
            (generation, refreshedAt) = (directory.Generation, now);
            cache.Clear();
        }
        if (cache.Count >= MaxHashes)
        {
            cache.Clear();
        }
        if (!cache.TryGetValue(hash, out var eligible))
        {
            cache[hash] = eligible = [.. PlacementRules.Eligible(candidates, hash)];
        }
        return eligible.Contains(member.Id);
    }
}
