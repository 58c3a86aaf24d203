using Anatomic.Federation.Lookup;
using Anatomic.Federation.Placement;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Planting;

/// <summary>
/// The step 'choose': asks up to three supernodes, unites what they say and ranks the signed records itself, so that a lying
/// supernode can only hide nodes, never favour any.
/// </summary>
internal sealed class CandidateSelector(IWorld world, SupernodeClient client)
{
    private NetworkOptions Network => client.Network;

    public async Task<CandidateSelection> ChooseAsync(
        IReadOnlyList<Hash20> swarms,
        IReadOnlyList<string> supernodes,
        List<string> remarks,
        CancellationToken stop
    )
    {
        var asked = await ProveAsync(Parse(supernodes), remarks, stop);
        var first = swarms[0];
        var placed = await Task.WhenAll(
            asked.Select(one => TryAsync(() => client.PlaceAsync(one, first, PlantLimits.NodesAsked, stop)))
        );
        if (placed.All(answer => answer is null))
        {
            throw new PlantException(PlantFault.OutOfReach, "no supernode told which nodes there are; try again later");
        }
        var lookups = await Task.WhenAll(asked.Select(one => TryAsync(() => client.LookupAsync(one, first, stop))));
        var others = await Task.WhenAll(asked.Select(one => TryAsync(() => client.SupernodesAsync(one, stop))));

        var records = new SortedDictionary<NodeId, Signed<NodeRecord>>();
        foreach (var record in placed.SelectMany(answer => answer ?? []))
        {
            Keep(records, record);
        }
        var live = records.Values.Where(record => record.Item.Role == NodeRole.Node).ToArray();
        var held = LookupUnion.Unite(lookups, first, client.Reader, Network, world.Clock.GetUtcNow());
        var orders = Orders(held, records);
        return new CandidateSelection(
            asked,
            Told(asked, others.SelectMany(answer => answer ?? []), swarms),
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
        var written = new List<SupernodeReference>();
        foreach (var text in supernodes)
        {
            if (!SupernodeReference.TryParse(text, Network.Name, out var one, out var fault))
            {
                throw new PlantException(PlantFault.Argument, $"'{text}': {fault}");
            }
            written.Add(one);
        }
        return written;
    }

    /// <summary>The first three that prove their id; those that fail are told of.</summary>
    private async Task<IReadOnlyList<SupernodeAddress>> ProveAsync(
        List<SupernodeReference> written,
        List<string> remarks,
        CancellationToken stop
    )
    {
        var proven = new List<SupernodeAddress>();
        string? failure = null;
        foreach (var group in written.Chunk(PlantLimits.SupernodesAsked))
        {
            if (proven.Count >= PlantLimits.SupernodesAsked)
            {
                break;
            }
            foreach (var (address, why) in await Task.WhenAll(group.Select(one => ProveOneAsync(one, stop))))
            {
                if (address is not null && !proven.Contains(address))
                {
                    proven.Add(address);
                }
                if (why is not null)
                {
                    failure ??= why;
                    remarks.Add(why);
                }
            }
        }
        return proven.Count > 0
            ? [.. proven.Take(PlantLimits.SupernodesAsked)]
            : throw new PlantException(PlantFault.OutOfReach, failure ?? "no supernode answers");
    }

    private async Task<(SupernodeAddress? Address, string? Failure)> ProveOneAsync(
        SupernodeReference written,
        CancellationToken stop
    )
    {
        try
        {
            return (await client.ProveAsync(written, stop), null);
        }
        catch (NetworkException e)
        {
            return (null, e.Message);
        }
    }

    private static async Task<T?> TryAsync<T>(Func<Task<T>> ask)
        where T : class
    {
        try
        {
            return await ask();
        }
        catch (NetworkException)
        {
            return null;
        }
    }

    private List<KnownOrder> Orders(IReadOnlyList<HeldOrder> held, SortedDictionary<NodeId, Signed<NodeRecord>> records)
    {
        var orders = new List<KnownOrder>();
        foreach (var entry in held)
        {
            // The union has checked all signatures.
            if (!Signed.TryReadUnverified<PlantOrder>(entry.Order, Network.Name, out var order, out _))
            {
                continue;
            }
            var holders = new List<NodeId>();
            foreach (var envelope in entry.Holders)
            {
                if (Signed.TryReadUnverified<NodeRecord>(envelope, Network.Name, out var record, out _))
                {
                    Keep(records, record);
                    holders.Add(record.Signer);
                }
            }
            orders.Add(new KnownOrder(order, holders));
        }
        return orders;
    }

    /// <summary>Live eligible holders first, so that two plants of a torrent meet; then by placement.</summary>
    private List<Signed<NodeRecord>> Rank(
        IReadOnlyList<Signed<NodeRecord>> live,
        IReadOnlyList<KnownOrder> orders,
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
        var holders = orders.SelectMany(order => order.Holders).ToHashSet();
        var eligible = ranked.Take(PlacementRules.EligibleCount(ranked.Count)).Where(holders.Contains).ToArray();
        return
        [
            .. eligible
                .Concat(ranked.Where(id => !eligible.Contains(id)))
                .Take(PlacementRules.OrderCandidates)
                .Select(id => byId[id]),
        ];
    }

    /// <summary>Those asked, and the first three by rendezvous for each of the torrent's hashes.</summary>
    private static IReadOnlyList<SupernodeAddress> Told(
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
        var told = asked.ToList();
        foreach (var swarm in swarms)
        {
            var own = Rendezvous.Best(all.Values, address => address.Id, swarm, Rendezvous.OwnSupernodes);
            told.AddRange(own.Where(address => told.All(known => known.Id != address.Id)));
        }
        return told;
    }

    private static void Keep(SortedDictionary<NodeId, Signed<NodeRecord>> records, Signed<NodeRecord> record)
    {
        if (!records.TryGetValue(record.Signer, out var known) || known.Item.Seq < record.Item.Seq)
        {
            records[record.Signer] = record;
        }
    }
}
