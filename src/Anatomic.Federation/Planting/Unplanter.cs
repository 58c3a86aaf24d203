using Anatomic.Federation.Lookup;
using Anatomic.Federation.Signing;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Planting;

/// <summary>Ends orders at all their holders and candidates.</summary>
internal sealed class Unplanter(IWorld world, SupernodeClient client, ItemSigner signer, CandidateSelection choice)
{
    private readonly PlantClient offers = new(world, client);

    public async Task<UnplantResult> EndAsync(IReadOnlyList<KnownOrder> orders, CancellationToken stop)
    {
        var records = await RecordsAsync(orders, stop);
        var withdrawn = new SortedSet<NodeId>();
        var unreached = new SortedSet<NodeId>();
        foreach (var known in orders)
        {
            var unplant = signer.Sign(new Unplant(known.Order.Digest, signer.NextSequence(world.Clock.GetUtcNow())));
            var named = known.Holders.Concat(known.Order.Item.Candidates).Distinct().ToArray();
            unreached.UnionWith(named.Where(id => !records.ContainsKey(id)));
            var reachable = named.Where(records.ContainsKey).Select(id => records[id]).ToArray();
            var answers = await Task.WhenAll(
                reachable.Select(node => offers.WithdrawAsync(node, unplant, known.Order, stop))
            );
            for (var i = 0; i < answers.Length; i++)
            {
                (answers[i] == true ? withdrawn : unreached).Add(reachable[i].Signer);
            }
        }
        unreached.ExceptWith(withdrawn);
        if (withdrawn.Count == 0)
        {
            throw new PlantException(
                PlantFault.OutOfReach,
                "no node that may hold this torrent was reached; try again later"
            );
        }
        return new UnplantResult([.. orders.Select(known => known.Order.Digest)], [.. withdrawn], [.. unreached]);
    }

    private async Task<SortedDictionary<NodeId, Signed<NodeRecord>>> RecordsAsync(
        IReadOnlyList<KnownOrder> orders,
        CancellationToken stop
    )
    {
        var records = new SortedDictionary<NodeId, Signed<NodeRecord>>();
        foreach (var (id, record) in choice.Records)
        {
            records[id] = record;
        }
        foreach (var known in orders)
        {
            var missing = known.Order.Item.Candidates.Where(id => !records.ContainsKey(id)).ToArray();
            foreach (var supernode in choice.Asked)
            {
                if (missing.Length == 0)
                {
                    break;
                }
                try
                {
                    foreach (var record in await client.RecordsAsync(supernode, missing, stop))
                    {
                        records[record.Signer] = record;
                    }
                }
                catch (NetworkException)
                {
                    // The next supernode may know them.
                }
                missing = [.. missing.Where(id => !records.ContainsKey(id))];
            }
        }
        return records;
    }
}
