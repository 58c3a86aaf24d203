using Anatomic.Federation.Placement;
using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Supernodes;

/// <summary>Remembers which nodes are eligible for the hashes asked for last, until the directory changes.</summary>
internal sealed class EligibilityCache(MemberDirectory directory)
{
    // A ranking of 1,000 nodes costs some 300 µs; the hashes in demand are few.
    private const int MaxHashes = 4_096;

    // Probation ends without a change of the directory.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    private readonly Dictionary<Hash20, HashSet<NodeId>> known = [];
    private IReadOnlyList<PlacementCandidate> candidates = [];
    private long generation = -1;
    private DateTimeOffset taken;

    public bool Has(Hash20 hash, Member member, DateTimeOffset now)
    {
        if (generation != directory.Generation || now - taken > Fresh)
        {
            candidates = directory.PlacementCandidates(now);
            (generation, taken) = (directory.Generation, now);
            known.Clear();
        }
        if (known.Count >= MaxHashes)
        {
            known.Clear();
        }
        if (!known.TryGetValue(hash, out var eligible))
        {
            known[hash] = eligible = [.. PlacementRules.Eligible(candidates, hash)];
        }
        return eligible.Contains(member.Id);
    }
}
