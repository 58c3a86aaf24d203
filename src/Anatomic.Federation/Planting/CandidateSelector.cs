using Anatomic.Federation.Lookup;
using Anatomic.Federation.Placement;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Planting;

/// <summary>
/// The step 'choose': asks up to three supernodes, merges their answers and ranks the signed records itself. A lying
/// supernode can therefore hide nodes, but not favour any.
/// </summary>
internal sealed class CandidateSelector(IWorld world, SupernodeClient client)
{
    private NetworkOptions Network => client.Network;

    /// <summary>Selects the candidates of a torrent.</summary>
    /// <param name="swarms">The torrent's swarm ids.</param>
    /// <param name="supernodes">Addresses <c>URL#id</c>.</param>
    /// <param name="remarks">Receives one line for each supernode that did not prove its id.</param>
    /// <exception cref="PlantException">No supernode is known, is reachable, or knows any nodes.</exception>
    public async Task<CandidateSelection> SelectAsync(
        IReadOnlyList<Hash20> swarms,
        IReadOnlyList<string> supernodes,
        List<string> remarks,
        CancellationToken stop
    )
    {
        var asked = await ProveAsync(Parse(supernodes), remarks, stop);
        var first = swarms[0];
        var placed = await Task.WhenAll(
            asked.Select(one => TryAsync(() => client.PlaceAsync(one, first, FederationLimits.NodesAsked, stop)))
        );
        if (placed.All(response => response is null))
        {
            throw new PlantException(PlantFault.OutOfReach, "no supernode returned a list of nodes; try again later");
        }
        var lookups = await Task.WhenAll(asked.Select(one => TryAsync(() => client.LookupAsync(one, first, stop))));
        var others = await Task.WhenAll(asked.Select(one => TryAsync(() => client.SupernodesAsync(one, stop))));

        var records = new SortedDictionary<NodeId, Signed<NodeRecord>>();
        foreach (var record in placed.SelectMany(response => response ?? []))
        {
            AddNewest(records, record);
        }
        var live = records.Values.Where(record => record.Item.Role == NodeRole.Node).ToArray();
        var orders = LookupUnion.Merge(lookups, first, client.Reader, Network, world.Clock.GetUtcNow());
        foreach (var record in orders.SelectMany(order => order.Holders))
        {
            AddNewest(records, record);
        }
        return new CandidateSelection(
            asked,
            Notified(asked, others.SelectMany(response => response ?? []), swarms),
            Rank(live, orders, first),
            orders,
            records
        );
    }

    private List<SupernodeReference> Parse(IReadOnlyList<string> supernodes)
    {
        if (supernodes.Count == 0)
        {
            throw new PlantException(PlantFault.NoSupernode, "no supernode is known; give --supernode URL#id");
        }
        var references = new List<SupernodeReference>();
        foreach (var text in supernodes)
        {
            if (!SupernodeReference.TryParse(text, Network.Name, out var reference, out var fault))
            {
                throw new PlantException(PlantFault.Argument, $"'{text}': {fault}");
            }
            references.Add(reference);
        }
        return references;
    }

    /// <summary>
    /// The first three supernodes that prove their id. The others that were tried appear in the remarks.
    /// </summary>
    private async Task<IReadOnlyList<SupernodeAddress>> ProveAsync(
        List<SupernodeReference> references,
        List<string> remarks,
        CancellationToken stop
    )
    {
        var proven = new List<SupernodeAddress>();
        string? firstError = null;
        foreach (var group in references.Chunk(FederationLimits.SupernodesAsked))
        {
            if (proven.Count >= FederationLimits.SupernodesAsked)
            {
                break;
            }
            foreach (var (address, error) in await Task.WhenAll(group.Select(one => ProveOneAsync(one, stop))))
            {
                if (address is not null && !proven.Contains(address))
                {
                    proven.Add(address);
                }
                if (error is not null)
                {
                    firstError ??= error;
                    remarks.Add(error);
                }
            }
        }
        return proven.Count > 0
            ? [.. proven.Take(FederationLimits.SupernodesAsked)]
            : throw new PlantException(PlantFault.OutOfReach, firstError ?? "no supernode answers");
    }

    private async Task<(SupernodeAddress? Address, string? Error)> ProveOneAsync(
        SupernodeReference reference,
        CancellationToken stop
    )
    {
        try
        {
            return (await client.ProveAsync(reference, stop), null);
        }
        catch (NetworkException e)
        {
            return (null, e.Message);
        }
    }

    private static async Task<T?> TryAsync<T>(Func<Task<T>> request)
        where T : class
    {
        try
        {
            return await request();
        }
        catch (NetworkException)
        {
            return null;
        }
    }

    /// <summary>
    /// Live eligible holders first, so that two plants of one torrent use the same nodes; then by placement.
    /// </summary>
    private List<Signed<NodeRecord>> Rank(
        IReadOnlyList<Signed<NodeRecord>> live,
        IReadOnlyList<VerifiedLookup> orders,
        Hash20 first
    )
    {
        var byId = live.ToDictionary(record => record.Signer);
        var ranked = PlacementRules.Rank(
            live.Select(record => new PlacementCandidate(
                record.Signer,
                PlacementPrefix.Of(record.Item.Addresses, Network.AllowsPrivate),
                record.Item.Weight
            )),
            first
        );
        var holders = orders.SelectMany(order => order.Holders).Select(record => record.Signer).ToHashSet();
        var eligible = ranked.Take(PlacementRules.EligibleCount(ranked.Count)).Where(holders.Contains).ToArray();
        return
        [
            .. eligible
                .Concat(ranked.Where(id => !eligible.Contains(id)))
                .Take(PlacementRules.OrderCandidates)
                .Select(id => byId[id]),
        ];
    }

    /// <summary>The supernodes asked, and the first three by rendezvous for each of the torrent's hashes.</summary>
    private static IReadOnlyList<SupernodeAddress> Notified(
        IReadOnlyList<SupernodeAddress> asked,
        IEnumerable<Signed<NodeRecord>> others,
        IReadOnlyList<Hash20> swarms
    )
    {
        var all = new SortedDictionary<NodeId, SupernodeAddress>();
        foreach (var record in others)
        {
            all.TryAdd(record.Signer, new SupernodeAddress(record.Item.Urls[0], record.Signer));
        }
        foreach (var address in asked)
        {
            all[address.Id] = address;
        }
        var notified = asked.ToList();
        foreach (var swarm in swarms)
        {
            var own = Rendezvous.Best(all.Values, address => address.Id, swarm, Rendezvous.OwnSupernodes);
            notified.AddRange(own.Where(address => notified.All(known => known.Id != address.Id)));
        }
        return notified;
    }

    private static void AddNewest(SortedDictionary<NodeId, Signed<NodeRecord>> records, Signed<NodeRecord> record)
    {
        if (!records.TryGetValue(record.Signer, out var known) || known.Item.Seq < record.Item.Seq)
        {
            records[record.Signer] = record;
        }
    }
}
