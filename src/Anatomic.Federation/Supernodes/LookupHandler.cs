using Anatomic.Federation.Lookup;
using Anatomic.Federation.Pages;
using Anatomic.Federation.Placement;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>Says who shall hold a hash and who does: <c>/place</c>, <c>/lookup</c>, <c>/receipts</c>.</summary>
internal sealed class LookupHandler(SupernodeCore core, HopDesk hops)
{
    private readonly EligibilityCache eligible = new(core.Directory);

    /// <summary><c>?h=&amp;n=</c>: the best live nodes for a hash, those that only might be alive behind the others.</summary>
    public HttpResponse Place(Query query)
    {
        if (query.HashOrHex("h") is not { } hash)
        {
            return HttpResponses.Line(400, "h is no hash of 20 bytes or 40 hexadecimal digits");
        }
        if (!int.TryParse(query.Text("n") ?? $"{PlacementRules.OrderCandidates}", out var count) || count < 1)
        {
            return HttpResponses.Line(400, "n is no number from 1 on");
        }
        var now = core.Now;
        var ranked = PlacementRules
            .Rank(core.Directory.PlacementCandidates(now), hash)
            .Select(id => core.Directory.Find(id)!)
            .OrderBy(member => core.Directory.LivenessOf(member, now))
            .Take(Math.Min(count, SupernodeLimits.MaxPlaced));
        return HttpResponses.Bencoded(
            200,
            new RecordList([.. ranked.Select(member => member.Record.Envelope)]).Write()
        );
    }

    /// <summary><c>?h=</c>: orders and their live holders; <c>hop=1</c>: asked by a supernode, never passed on again.</summary>
    public async Task<HttpResponse> LookupAsync(Query query, CancellationToken stop)
    {
        if (query.HashOrHex("h") is not { } hash)
        {
            return HttpResponses.Line(400, "h is no hash of 20 bytes or 40 hexadecimal digits");
        }
        core.Counters.Lookups++;
        var orders = await LocalAsync(hash, stop);
        if (orders.Count == 0 && query.Text("hop") is null)
        {
            orders = await hops.AskAsync(hash);
        }
        return HttpResponses.Bencoded(200, new LookupResponse(orders).Write());
    }

    /// <summary>
    /// The holders that a plain client may be sent to, best ones first, by their records: those of the oldest-seen order with a
    /// live eligible holder, else those of the oldest with any live one.
    /// </summary>
    public async Task<IReadOnlyList<Signed<NodeRecord>>> HoldersAsync(Hash20 hash)
    {
        var now = core.Now;
        IReadOnlyList<Signed<NodeRecord>> others = [];
        foreach (var order in core.Index.Lookup(hash))
        {
            var live = Live(order, now);
            var fit = live.Where(member => eligible.Has(hash, member, now)).ToArray();
            if (fit.Length > 0)
            {
                return SureOnes(fit, now);
            }
            if (others.Count == 0 && live.Count > 0)
            {
                others = SureOnes(live, now);
            }
        }
        if (others.Count > 0)
        {
            return others;
        }
        foreach (var order in await hops.AskAsync(hash))
        {
            var records = new List<Signed<NodeRecord>>();
            foreach (var holder in order.Holders)
            {
                // The hop has checked the signatures.
                if (Signed.TryReadUnverified<NodeRecord>(holder, core.Network.Name, out var record, out _))
                {
                    records.Add(record);
                }
            }
            if (records.Count > 0)
            {
                return records;
            }
        }
        return [];
    }

    /// <summary>The bodies of orders by digest: a node whose store is damaged asks for what it has lost.</summary>
    public async Task<HttpResponse> OrdersAsync(InboundRequest call, CancellationToken stop)
    {
        if (!OrdersRequest.TryRead(call.Body, out var ask, out var fault))
        {
            return HttpResponses.Line(422, fault.ToString());
        }
        var (orders, bytes) = (new List<SignedItem>(), 0);
        foreach (var digest in ask.Digests)
        {
            if (await core.Store.OrderAsync(digest, core.Network.Name, stop) is not { } known)
            {
                continue;
            }
            bytes += known.Order.Raw.Length;
            if (bytes > NetworkLimits.MaxPageBytes - NetworkLimits.MaxItemBytes)
            {
                break;
            }
            orders.Add(known.Order.Envelope);
        }
        return HttpResponses.Bencoded(200, new OrdersResponse(orders, []).Write());
    }

    /// <summary>Receipts of live nodes count for three minutes, until their manifests confirm them.</summary>
    public async Task<HttpResponse> ReceiptsAsync(InboundRequest call, CancellationToken stop)
    {
        if (!ReceiptsRequest.TryRead(call.Body, out var post, out var fault))
        {
            return HttpResponses.Line(422, fault.ToString());
        }
        var now = core.Now;
        if (!OrderRules.TryRead(post.Order, core.Reader, core.Network, now, out var order, out fault))
        {
            return HttpResponses.Line(422, fault.ToString());
        }
        var firstSeen = (await core.Store.OrderAsync(order.Digest, core.Network.Name, stop))?.FirstSeen ?? now;
        var taken = 0;
        foreach (var envelope in post.Receipts)
        {
            if (
                core.Reader.TryRead<Receipt>(envelope, now, out var receipt, out _)
                && receipt.Signer == receipt.Item.Node
                && receipt.Item.Order == order.Digest
                && order.Item.PlaceOf(receipt.Signer) >= 0
                && core.Directory.Find(receipt.Signer) is { } member
                && core.Directory.LivenessOf(member, now) == Liveness.Alive
            )
            {
                Index(order, member, firstSeen, now);
                taken++;
            }
        }
        if (taken > 0 && firstSeen == now)
        {
            await core.Store.CommitAsync(
                SupernodeStore.PutOrder(new StoreBatch(), order.Digest, firstSeen, order.Raw),
                stop
            );
        }
        return HttpResponses.Line(200, $"{taken} of {post.Receipts.Count} receipts count");
    }

    private void Index(Signed<PlantOrder> order, Member member, DateTimeOffset firstSeen, DateTimeOffset now)
    {
        foreach (var swarm in order.Item.Swarms)
        {
            core.Index.AddProvisional(
                member.Id,
                order.Digest,
                swarm,
                firstSeen,
                now + SupernodeLimits.ReceiptCounts,
                core.Directory.QuotaOf(member.Id)
            );
        }
        hops.Forget(order.Item.Swarms);
    }

    private async Task<IReadOnlyList<HeldOrder>> LocalAsync(Hash20 hash, CancellationToken stop)
    {
        var now = core.Now;
        var found = new List<(bool Fit, HeldOrder Order)>();
        foreach (var order in core.Index.Lookup(hash))
        {
            var live = Live(order, now);
            if (
                live.Count > 0
                && await core.Store.OrderAsync(order.OrderPrefix, hash, core.Network.Name, stop) is { } stored
            )
            {
                var ranked = live.OrderBy(member => core.Directory.LivenessOf(member, now))
                    .ThenBy(member => stored.Order.Item.PlaceOf(member.Id))
                    .Take(NetworkLimits.MaxCandidates);
                found.Add(
                    (
                        live.Any(member => eligible.Has(hash, member, now)),
                        new HeldOrder(stored.Order.Envelope, [.. ranked.Select(member => member.Record.Envelope)])
                    )
                );
            }
        }
        return
        [
            .. found
                .OrderByDescending(entry => entry.Fit)
                .Take(SupernodeMessageLimits.MaxOrdersALookup)
                .Select(entry => entry.Order),
        ];
    }

    private List<Member> Live(IndexedOrder order, DateTimeOffset now) =>
        [
            .. order
                .Holders.Select(core.Directory.Find)
                .OfType<Member>()
                .Where(member => core.Directory.LivenessOf(member, now) != Liveness.Dead),
        ];

    /// <summary>Those who answer; when there are none, those who may.</summary>
    private IReadOnlyList<Signed<NodeRecord>> SureOnes(IReadOnlyList<Member> live, DateTimeOffset now)
    {
        var sure = live.Where(member => core.Directory.LivenessOf(member, now) == Liveness.Alive).ToArray();
        return [.. (sure.Length > 0 ? sure : live).Select(member => member.Record)];
    }
}
