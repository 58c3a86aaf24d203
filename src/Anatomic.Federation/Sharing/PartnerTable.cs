using Anatomic.Federation.Orders;
using Anatomic.Wire.Identity;

namespace Anatomic.Federation.Sharing;

/// <summary>All other candidates of the orders held here, by id and by their number in the ledger.</summary>
internal sealed class PartnerTable(PlantLedger ledger)
{
    private readonly SortedDictionary<NodeId, Partner> partners = [];
    private readonly List<Partner?> byNumber = [];

    public IReadOnlyCollection<Partner> All => partners.Values;

    public Partner? Find(NodeId id) => partners.GetValueOrDefault(id);

    public Partner? At(int number) => number < byNumber.Count ? byNumber[number] : null;

    public Partner GetOrAdd(int number, DateTimeOffset now)
    {
        if (At(number) is { } known)
        {
            return known;
        }
        var id = ledger.Nodes[number];
        // Keeps the number for this node as long as it is a partner.
        ledger.Nodes.AddReference(id);
        // A batch signed before this start may have been applied before the stop, so it counts as a replay.
        var partner = new Partner(id, number) { LastSeq = now.ToUnixTimeMilliseconds() };
        partners.Add(id, partner);
        while (byNumber.Count <= number)
        {
            byNumber.Add(null);
        }
        byNumber[number] = partner;
        return partner;
    }

    /// <summary>Forgets a partner that no order names any more, unless a batch is in flight to it.</summary>
    public void RemoveIfIdle(Partner partner)
    {
        if (partner.Orders == 0 && !partner.IsInFlight && partners.Remove(partner.Id))
        {
            byNumber[partner.Number] = null;
            ledger.Nodes.Release(partner.Number);
        }
    }

    /// <summary>Any order held here that names a partner; null if none is found.</summary>
    public PlantEntry? AnyOrderOf(Partner partner)
    {
        // Continues where the last search ended, so that many searches together cost one walk over all rows.
        for (var walked = 0; walked < ledger.Rows && partner.Orders > 0; walked++, partner.SearchRow++)
        {
            partner.SearchRow = partner.SearchRow < ledger.Rows ? partner.SearchRow : 0;
            if (ledger.PlaceOf(partner.SearchRow, partner.Number) >= 0)
            {
                return ledger.EntryAt(partner.SearchRow);
            }
        }
        return null;
    }
}
