using Anatomic.Federation.Nodes;
using Anatomic.Wire;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Sharing;

/// <param name="Partner">The silent one.</param>
/// <param name="Swarm">A swarm of an order that both hold: the supernodes are asked in its name.</param>
/// <param name="WordsNeeded">Supernodes that must find it dead; 2 also means: or the only one that answers.</param>
public sealed record Suspect(Partner Partner, Hash20 Swarm, int WordsNeeded);

/// <summary>
/// Counts the live holders of each order, and says who is lost, who fills a gap, and who has become one too many. Silent is not
/// dead, and a node that most of its partners do not answer suspects itself.
/// </summary>
public sealed class HolderWatch(NodeId self, ShareBook book)
{
    private readonly SortedDictionary<Hash32, Standing> orders = [];

    private sealed class Standing(PlantEntry entry)
    {
        public PlantEntry Entry { get; } = entry;
        public DateTimeOffset? GapSince { get; set; }
        public DateTimeOffset? SurplusSince { get; set; }
    }

    public void Add(PlantEntry entry) => orders[entry.Digest] = new Standing(entry);

    public void Remove(PlantEntry entry) => orders.Remove(entry.Digest);

    /// <summary>
    /// Partners silent for 10 minutes about whom the supernodes are to be asked now. None while too few of the others answer:
    /// then it is this node that is cut off.
    /// </summary>
    public IReadOnlyList<Suspect> Suspects(DateTimeOffset now)
    {
        var holders = book.Partners.Where(partner => partner.IsHolder).ToArray();
        var answering = holders.Count(partner => partner.Answers(now));
        var suspects = new List<Suspect>();
        foreach (var partner in book.Partners)
        {
            if (FirstSilent(partner, now) is not { } order || partner.AskedDeath + SharingLimits.AskDeathEvery > now)
            {
                continue;
            }
            var others = holders.Length - (partner.IsHolder ? 1 : 0);
            if (others < MinPartnersToJudge)
            {
                suspects.Add(new Suspect(partner, SwarmOf(order), WordsNeeded: 2));
            }
            else if (answering * 2 > others)
            {
                suspects.Add(new Suspect(partner, SwarmOf(order), WordsNeeded: 1));
            }
        }
        return suspects;
    }

    /// <summary>What the supernodes say decides: true, and the partner is lost.</summary>
    public bool Hear(Suspect suspect, DeathWords words, DateTimeOffset now)
    {
        suspect.Partner.AskedDeath = now;
        var isOnlyWord = words.Answered == 1 && words.FindDead == 1;
        var isDead = words.FindDead >= suspect.WordsNeeded || isOnlyWord;
        // It may have come back while the supernodes were asked.
        if (!isDead || FirstSilent(suspect.Partner, now) is null)
        {
            return false;
        }
        book.Lose(suspect.Partner, now);
        return true;
    }

    /// <summary>Orders whose gap this node is to fill now, with the candidates to try, in the order of placement.</summary>
    public IReadOnlyList<(PlantEntry Entry, IReadOnlyList<Partner> Candidates)> Gaps(DateTimeOffset now)
    {
        var gaps = new List<(PlantEntry, IReadOnlyList<Partner>)>();
        foreach (var standing in orders.Values)
        {
            var entry = standing.Entry;
            if (1 + Count(entry, mayHold: true) >= entry.Order.Want)
            {
                standing.GapSince = null;
                continue;
            }
            standing.GapSince ??= now;
            var place = entry.Order.PlaceOf(self) + 1;
            if (now < standing.GapSince + (place * SharingLimits.CarryStep))
            {
                continue;
            }
            var candidates = entry.Order.Candidates.Select(book.Find).OfType<Partner>();
            var free = candidates
                .Where(partner =>
                    partner.Orders[entry.Digest] is { State: HoldingState.Out } holding && holding.AvoidUntil <= now
                )
                .ToArray();
            if (free.Length > 0)
            {
                gaps.Add((entry, free));
            }
        }
        return gaps;
    }

    /// <summary>Orders with more live holders than wanted for 24 hours, of which this node is the last in placement order.</summary>
    public IReadOnlyList<PlantEntry> Surplus(DateTimeOffset now)
    {
        var surplus = new List<PlantEntry>();
        foreach (var standing in orders.Values)
        {
            var entry = standing.Entry;
            if (1 + Count(entry, mayHold: false) <= entry.Order.Want)
            {
                standing.SurplusSince = null;
                continue;
            }
            standing.SurplusSince ??= now;
            var isLast = entry
                .Order.Candidates.Skip(entry.Order.PlaceOf(self) + 1)
                .All(later => book.Find(later)?.Orders[entry.Digest].State is not HoldingState.Holding);
            if (isLast && now >= standing.SurplusSince + FederationLimits.SurplusPatience)
            {
                surplus.Add(entry);
            }
        }
        return surplus;
    }

    /// <summary>Below so many partners the majority of them says nothing.</summary>
    public const int MinPartnersToJudge = 4;

    private int Count(PlantEntry entry, bool mayHold) =>
        entry.Order.Candidates.Count(candidate =>
            candidate != self
            && book.Find(candidate)?.Orders.GetValueOrDefault(entry.Digest)?.State is { } state
            && (state == HoldingState.Holding || (mayHold && state == HoldingState.Untried))
        );

    private static Hash32? FirstSilent(Partner partner, DateTimeOffset now)
    {
        foreach (var (order, holding) in partner.Orders)
        {
            var since = holding.Since > partner.LastHeard ? holding.Since : partner.LastHeard;
            if (
                holding.State is HoldingState.Holding or HoldingState.Untried
                && now - since >= FederationLimits.SilenceUntilLost
            )
            {
                return order;
            }
        }
        return null;
    }

    private Hash20 SwarmOf(Hash32 order) => orders[order].Entry.FirstSwarm;
}
