using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Lookup;

/// <summary>A verified order of a torrent and the verified records of its live holders.</summary>
internal sealed record VerifiedLookup(Signed<PlantOrder> Order, IReadOnlyList<Signed<NodeRecord>> Holders);

/// <summary>
/// Merges the lookup responses of several supernodes. Every item is verified, so a lying supernode can only hide:
/// orders must show their work, records must be signed by their owners, and holders must be candidates of the order.
/// </summary>
internal static class LookupUnion
{
    /// <summary>
    /// The orders with at least one holder, in the order of the responses; each holder by its newest record.
    /// </summary>
    public static IReadOnlyList<VerifiedLookup> Merge(
        IEnumerable<LookupResponse?> responses,
        Hash20 hash,
        ItemReader reader,
        NetworkOptions network,
        DateTimeOffset now
    )
    {
        var orders = new List<(Signed<PlantOrder> Order, List<Signed<NodeRecord>> Holders)>();
        foreach (var held in responses.OfType<LookupResponse>().SelectMany(response => response.Orders))
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
                    AddNewest(holders, record);
                }
            }
        }
        return
        [
            .. orders
                .Where(entry => entry.Holders.Count > 0)
                .Take(NetworkLimits.MaxOrdersPerLookup)
                .Select(entry => new VerifiedLookup(entry.Order, entry.Holders)),
        ];
    }

    private static void AddNewest(List<Signed<NodeRecord>> holders, Signed<NodeRecord> record)
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
