using Anatomic.Federation.Orders;
using Anatomic.Wire;

namespace Anatomic.Federation.Sharing;

/// <summary>A partner that has been silent for so long that it may be dead.</summary>
/// <param name="Partner">The silent partner.</param>
/// <param name="Swarm">A swarm of an order that both hold, for the question to the supernodes.</param>
/// <param name="ReportsNeeded">
/// Supernodes that must report the partner dead. The only supernode that answers is always enough.
/// </param>
public sealed record SilentPartner(Partner Partner, Hash20 Swarm, int ReportsNeeded);

/// <summary>
/// Decides what happens when a holder falls silent, and counts the live holders of each order.
/// </summary>
/// <remarks>
/// A holder that is silent for 20 minutes:
/// <list type="number">
/// <item>After 10 minutes (<see cref="FederationLimits.SilenceTimeout"/>), <see cref="SilentPartners"/> lists it, and
/// supernodes are asked about it every minute. If most other partners are silent too, this node is probably cut off
/// itself and asks about none.</item>
/// <item>When the supernodes report it dead, <see cref="ApplyReport"/> marks it as lost and its peers are
/// forgotten.</item>
/// <item><see cref="Gaps"/> lists the orders that now have too few holders. The holder at place k of the candidates
/// waits k minutes (<see cref="FederationLimits.CarryDelayPerPlace"/>), so that usually only one holder acts.</item>
/// <item><c>Nodes/RepairLoop.cs</c> carries each such order to the first live candidate that does not hold it.</item>
/// <item>If the silent holder returns, <see cref="Surplus"/> finds one holder too many after 24 hours.</item>
/// </list>
/// docs/protocol/sharing.md describes the protocol. This class is a decision object: it performs no I/O.
/// </remarks>
public sealed class HolderMonitor(PeerSharingState sharing)
{
    /// <summary>With fewer other partners, their majority is no evidence that this node is connected.</summary>
    public const int MinPartnersForMajority = 4;

    private HoldingTable Holdings => sharing.Holdings;

    private PlantLedger Ledger => sharing.Ledger;

    /// <summary>
    /// Partners silent for 10 minutes about which the supernodes must be asked now. With four or more other partners,
    /// there are none unless more than half of the others answer.
    /// </summary>
    public IReadOnlyList<SilentPartner> SilentPartners(DateTimeOffset now)
    {
        var holders = sharing.Partners.Where(partner => partner.IsHolder).ToArray();
        var answering = holders.Count(partner => partner.Answers(now));
        var silent = new List<SilentPartner>();
        foreach (var partner in sharing.Partners)
        {
            if (
                !partner.IsSilent(now)
                || partner.LivenessCheckedAt + FederationLimits.LivenessCheckInterval > now
                || sharing.AnyOrderOf(partner) is not { } order
            )
            {
                continue;
            }
            var others = holders.Length - (partner.IsHolder ? 1 : 0);
            if (others < MinPartnersForMajority)
            {
                silent.Add(new SilentPartner(partner, order.FirstSwarm, ReportsNeeded: 2));
            }
            else if (answering * 2 > others)
            {
                silent.Add(new SilentPartner(partner, order.FirstSwarm, ReportsNeeded: 1));
            }
        }
        return silent;
    }

    /// <summary>Applies what the supernodes report; true when the partner is now lost.</summary>
    public bool ApplyReport(SilentPartner silent, LivenessReport report, DateTimeOffset now)
    {
        silent.Partner.LivenessCheckedAt = now;
        var isOnlyReport = report.Answered == 1 && report.ReportedDead == 1;
        var isDead = report.ReportedDead >= silent.ReportsNeeded || isOnlyReport;
        // The partner may have answered while the supernodes were asked.
        if (!isDead || !silent.Partner.IsSilent(now))
        {
            return false;
        }
        sharing.MarkLost(silent.Partner, now);
        return true;
    }

    /// <summary>Orders whose gap this node must fill now, with the candidates to try in placement order.</summary>
    /// <param name="from">The first row of the ledger to visit; a walk over all rows takes long.</param>
    /// <param name="until">The row to stop at.</param>
    public IReadOnlyList<(PlantEntry Entry, IReadOnlyList<Partner> Candidates)> Gaps(
        int from,
        int until,
        DateTimeOffset now
    )
    {
        var gaps = new List<(PlantEntry, IReadOnlyList<Partner>)>();
        foreach (var row in HeldRows(from, until))
        {
            var holders = 1 + Holdings.Count(row, HoldingState.Holding) + Holdings.Count(row, HoldingState.Untried);
            if (holders >= Ledger[row].Want)
            {
                Holdings.ClearImbalance(row, isSurplus: false);
                continue;
            }
            var place = Ledger.PlaceOf(row, sharing.Self) + 1;
            if (now < Since(row, isSurplus: false, now) + (place * FederationLimits.CarryDelayPerPlace))
            {
                continue;
            }
            if (sharing.CarryTargets(row, now) is { Count: > 0 } targets)
            {
                gaps.Add((Ledger.EntryAt(row), targets));
            }
        }
        return gaps;
    }

    /// <summary>
    /// Orders with more live holders than wanted for 24 hours, of which this node is the last in placement order.
    /// </summary>
    /// <param name="from">The first row of the ledger to visit.</param>
    /// <param name="until">The row to stop at.</param>
    public IReadOnlyList<PlantEntry> Surplus(int from, int until, DateTimeOffset now)
    {
        var surplus = new List<PlantEntry>();
        foreach (var row in HeldRows(from, until))
        {
            if (1 + Holdings.Count(row, HoldingState.Holding) <= Ledger[row].Want)
            {
                Holdings.ClearImbalance(row, isSurplus: true);
                continue;
            }
            var later = Ledger.PlaceOf(row, sharing.Self) + 1;
            var isLast = Holdings.Count(row, HoldingState.Holding, later) == 0;
            if (Since(row, isSurplus: true, now) + FederationLimits.SurplusTimeout <= now && isLast)
            {
                surplus.Add(Ledger.EntryAt(row));
            }
        }
        return surplus;
    }

    private IEnumerable<int> HeldRows(int from, int until)
    {
        for (var row = from; row < until; row++)
        {
            // An order that ends is still held until its end is durable, but it needs no repair.
            if (Holdings.IsHeld(row) && Ledger[row].IsLive)
            {
                yield return row;
            }
        }
    }

    // Rounded up, so that nobody acts early.
    private DateTimeOffset Since(int row, bool isSurplus, DateTimeOffset now) =>
        DateTimeOffset.FromUnixTimeSeconds(
            Holdings.ImbalanceSince(row, isSurplus, (uint)((now.ToUnixTimeMilliseconds() + 999) / 1000))
        );
}
