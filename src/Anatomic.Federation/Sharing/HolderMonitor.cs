using Anatomic.Federation.Orders;
using Anatomic.Wire;

namespace Anatomic.Federation.Sharing;

/// <param name="Partner">The silent one.</param>
/// <param name="Swarm">A swarm of an order that both hold: the supernodes are asked in its name.</param>
/// <param name="WordsNeeded">Supernodes that must find it dead; 2 also means: or the only one that answers.</param>
public sealed record SilentPartner(Partner Partner, Hash20 Swarm, int WordsNeeded);

/// <summary>
/// Counts the live holders of each order, and says who is lost, who fills a gap, and who has become one too many. Silent is not
/// dead, and a node that most of its partners do not answer suspects itself.
/// </summary>
public sealed class HolderMonitor(PeerSharingState book)
{
    /// <summary>
    /// Partners silent for 10 minutes about whom the supernodes are to be asked now. None while too few of the others answer:
    /// then it is this node that is cut off.
    /// </summary>
    public IReadOnlyList<SilentPartner> Suspects(DateTimeOffset now)
    {
        var holders = book.Partners.Where(partner => partner.IsHolder).ToArray();
        var answering = holders.Count(partner => partner.Answers(now));
        var suspects = new List<SilentPartner>();
        foreach (var partner in book.Partners)
        {
            if (
                !partner.IsSilent(now)
                || partner.AskedDeath + SharingLimits.AskDeathEvery > now
                || book.SampleOf(partner) is not { } order
            )
            {
                continue;
            }
            var others = holders.Length - (partner.IsHolder ? 1 : 0);
            if (others < MinPartnersToJudge)
            {
                suspects.Add(new SilentPartner(partner, order.FirstSwarm, WordsNeeded: 2));
            }
            else if (answering * 2 > others)
            {
                suspects.Add(new SilentPartner(partner, order.FirstSwarm, WordsNeeded: 1));
            }
        }
        return suspects;
    }

    /// <summary>What the supernodes say decides: true, and the partner is lost.</summary>
    public bool Hear(SilentPartner suspect, LivenessReport words, DateTimeOffset now)
    {
        suspect.Partner.AskedDeath = now;
        var isOnlyWord = words.Answered == 1 && words.ReportedDead == 1;
        var isDead = words.ReportedDead >= suspect.WordsNeeded || isOnlyWord;
        // It may have come back while the supernodes were asked.
        if (!isDead || !suspect.Partner.IsSilent(now))
        {
            return false;
        }
        book.Lose(suspect.Partner, now);
        return true;
    }

    /// <summary>Orders whose gap this node is to fill now, with the candidates to try, in the order of placement.</summary>
    /// <param name="from">The first row of the ledger to look at: a walk over all of them can take long.</param>
    /// <param name="until">The row to stop at.</param>
    /// <param name="now">The time.</param>
    public IReadOnlyList<(PlantEntry Entry, IReadOnlyList<Partner> Candidates)> Gaps(
        int from,
        int until,
        DateTimeOffset now
    )
    {
        var gaps = new List<(PlantEntry, IReadOnlyList<Partner>)>();
        foreach (var row in Held(from, until))
        {
            var holders = 1 + Holdings.Count(row, HoldingState.Holding) + Holdings.Count(row, HoldingState.Untried);
            if (holders >= Ledger[row].Want)
            {
                Holdings.Settle(row, isSurplus: false);
                continue;
            }
            var place = Ledger.PlaceOf(row, book.Self) + 1;
            if (now < Since(row, isSurplus: false, now) + (place * SharingLimits.CarryStep))
            {
                continue;
            }
            if (book.FreeFor(row, now) is { Count: > 0 } free)
            {
                gaps.Add((Ledger.EntryAt(row), free));
            }
        }
        return gaps;
    }

    /// <summary>Orders with more live holders than wanted for 24 hours, of which this node is the last in placement order.</summary>
    /// <param name="from">The first row of the ledger to look at.</param>
    /// <param name="until">The row to stop at.</param>
    /// <param name="now">The time.</param>
    public IReadOnlyList<PlantEntry> Surplus(int from, int until, DateTimeOffset now)
    {
        var surplus = new List<PlantEntry>();
        foreach (var row in Held(from, until))
        {
            if (1 + Holdings.Count(row, HoldingState.Holding) <= Ledger[row].Want)
            {
                Holdings.Settle(row, isSurplus: true);
                continue;
            }
            var later = Ledger.PlaceOf(row, book.Self) + 1;
            var isLast = Holdings.Count(row, HoldingState.Holding, later) == 0;
            if (Since(row, isSurplus: true, now) + FederationLimits.SurplusPatience <= now && isLast)
            {
                surplus.Add(Ledger.EntryAt(row));
            }
        }
        return surplus;
    }

    /// <summary>Below so many partners the majority of them says nothing.</summary>
    public const int MinPartnersToJudge = 4;

    private HoldingTable Holdings => book.Holdings;

    private PlantLedger Ledger => book.Ledger;

    private IEnumerable<int> Held(int from, int until)
    {
        for (var row = from; row < until; row++)
        {
            // Between its end and the store's word that it is durable an order is still held, but nothing is to be done for it.
            if (Holdings.IsHeld(row) && Ledger[row].IsLive)
            {
                yield return row;
            }
        }
    }

    // Rounded up: nobody is to be early.
    private DateTimeOffset Since(int row, bool isSurplus, DateTimeOffset now) =>
        DateTimeOffset.FromUnixTimeSeconds(
            Holdings.SinceWhen(row, isSurplus, (uint)((now.ToUnixTimeMilliseconds() + 999) / 1000))
        );
}
