using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Lookup;

/// <summary>
/// Unites what several supernodes say about a hash. What is signed is checked, so that a lying one can only hide: orders with
/// their work, records by their owners, holders only from the order's own candidates.
/// </summary>
internal static class LookupUnion
{
    public static IReadOnlyList<HeldOrder> Unite(
        IEnumerable<LookupResponse?> answers,
        Hash20 hash,
        ItemReader reader,
        NetworkOptions network,
        DateTimeOffset now
    )
    {
        var orders = new List<(Signed<PlantOrder> Order, List<Signed<NodeRecord>> Holders)>();
        foreach (var held in answers.OfType<LookupResponse>().SelectMany(answer => answer.Orders))
        {
            if (
                !OrderRules.TryRead(held.Order, reader, network, now, out var order, out _)
                || !order.Item.Swarms.Contains(hash)
            )
            {
                continue;
            }
            var holders = orders.Find(entry => entry.Order.Digest == order.Digest).Holders;
            if (holders is null)
            {
                orders.Add((order, holders = []));
            }
            foreach (var envelope in held.Holders)
            {
                if (
                    reader.TryRead<NodeRecord>(envelope, now, out var record, out _)
                    && order.Item.PlaceOf(record.Signer) >= 0
                )
                {
                    Take(holders, record);
                }
            }
        }
        return
        [
            .. orders
                .Where(entry => entry.Holders.Count > 0)
                .Take(SupernodeMessageLimits.MaxOrdersALookup)
                .Select(entry => new HeldOrder(
                    entry.Order.Envelope,
                    [.. entry.Holders.Select(record => record.Envelope)]
                )),
        ];
    }

    private static void Take(List<Signed<NodeRecord>> holders, Signed<NodeRecord> record)
    {
        var place = holders.FindIndex(known => known.Signer == record.Signer);
        if (place < 0)
        {
            holders.Add(record);
        }
        else if (holders[place].Item.Seq < record.Item.Seq)
        {
            holders[place] = record;
        }
    }
}
