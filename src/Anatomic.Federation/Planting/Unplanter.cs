using Anatomic.Federation.Lookup;
using Anatomic.Federation.Signing;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Planting;

/// <summary>Ends orders at all their holders and candidates.</summary>
internal sealed class Unplanter(IWorld world, SupernodeClient client, ItemSigner signer, CandidateSelection selection)
{
    private readonly PlantClient nodes = new(world, client);

    /// <exception cref="PlantException">No node confirmed.</exception>
    public async Task<UnplantResult> UnplantAsync(IReadOnlyList<VerifiedLookup> orders, CancellationToken stop)
    {
        var records = await FindRecordsAsync(orders, stop);
        var confirmed = new SortedSet<NodeId>();
        var unreached = new SortedSet<NodeId>();
        foreach (var known in orders)
        {
            var unplant = signer.Sign(new Unplant(known.Order.Digest, signer.NextSequence(world.Clock.GetUtcNow())));
            var holders = known.Holders.Select(record => record.Signer);
            var named = holders.Concat(known.Order.Item.Candidates).Distinct().ToArray();
            unreached.UnionWith(named.Where(id => !records.ContainsKey(id)));
            var reachable = named.Where(records.ContainsKey).Select(id => records[id]).ToArray();
            var answers = await Task.WhenAll(
                reachable.Select(node => nodes.UnplantAsync(node, unplant, known.Order, stop))
            );
            for (var i = 0; i < answers.Length; i++)
            {
                (answers[i] == true ? confirmed : unreached).Add(reachable[i].Signer);
            }
        }
        unreached.ExceptWith(confirmed);
        if (confirmed.Count == 0)
        {
            throw new PlantException(
                PlantFault.OutOfReach,
                "no node that may hold this torrent confirmed the unplant; try again later"
            );
        }
        return new UnplantResult([.. orders.Select(known => known.Order.Digest)], [.. confirmed], [.. unreached]);
    }

    /// <summary>The records of all candidates that any supernode knows.</summary>
    private async Task<SortedDictionary<NodeId, Signed<NodeRecord>>> FindRecordsAsync(
        IReadOnlyList<VerifiedLookup> orders,
        CancellationToken stop
    )
    {
        var records = new SortedDictionary<NodeId, Signed<NodeRecord>>();
        foreach (var (id, record) in selection.Records)
        {
            records[id] = record;
        }
        foreach (var known in orders)
        {
            var missing = known.Order.Item.Candidates.Where(id => !records.ContainsKey(id)).ToArray();
            foreach (var supernode in selection.Asked)
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
