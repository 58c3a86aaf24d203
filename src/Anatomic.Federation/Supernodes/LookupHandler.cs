using Anatomic.Federation.Lookup;
using Anatomic.Federation.Pages;
using Anatomic.Federation.Placement;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>
/// Answers which nodes should hold a torrent and which do: <c>/place</c>, <c>/lookup</c>, <c>/orders</c>,
/// <c>/receipts</c>.
/// </summary>
internal sealed class LookupHandler(SupernodeCore core, LookupForwarder forwarder)
{
    private const string InvalidHash = "h must be a hash of 20 bytes or 40 hexadecimal digits";

    private readonly EligibilityCache eligible = new(core.Directory);

    /// <summary><c>?h=&amp;n=</c>: the best live nodes for a hash, doubtful ones last.</summary>
    public HttpResponse Place(Query query)
    {
        if (query.HashOrHex("h") is not { } hash)
        {
            return HttpResponses.Text(400, InvalidHash);
        }
        if (!int.TryParse(query.Text("n") ?? $"{PlacementRules.OrderCandidates}", out var count) || count < 1)
        {
            return HttpResponses.Text(400, "n must be a number of at least 1");
        }
        var now = core.Now;
        var ranked = PlacementRules
            .Rank(core.Directory.PlacementCandidates(now), hash)
            .Select(id => core.Directory.Find(id)!)
            .OrderBy(member => core.Directory.LivenessOf(member, now))
            .Take(Math.Min(count, FederationLimits.MaxPlacedNodes));
        return HttpResponses.Bencoded(
            200,
            new RecordList([.. ranked.Select(member => member.Record.Envelope)]).Write()
        );
    }

    /// <summary>
    /// <c>?h=</c>: orders and their live holders. With <c>hop=1</c> another supernode asks, and nothing is forwarded
    /// again.
    /// </summary>
    public async Task<HttpResponse> LookupAsync(Query query, CancellationToken stop)
    {
        if (query.HashOrHex("h") is not { } hash)
        {
            return HttpResponses.Text(400, InvalidHash);
        }
        core.Counters.Lookups++;
        var orders = await FindLocalAsync(hash, stop);
        if (orders.Count == 0 && query.Text("hop") is null)
        {
            orders = [.. (await forwarder.LookupAsync(hash)).Select(found => Held(found.Order, found.Holders))];
        }
        return HttpResponses.Bencoded(200, new LookupResponse(orders).Write());
    }

    /// <summary>
    /// The holders that a plain client may be redirected to, best first. They hold the order first seen earliest that
    /// has a live eligible holder; if there is none, the earliest one with any live holder.
    /// </summary>
    public async Task<IReadOnlyList<Signed<NodeRecord>>> HoldersAsync(Hash20 hash)
    {
        var now = core.Now;
        IReadOnlyList<Signed<NodeRecord>> others = [];
        foreach (var order in core.Index.Lookup(hash))
        {
            var live = Live(order, now);
            var preferred = live.Where(member => eligible.Has(hash, member, now)).ToArray();
            if (preferred.Length > 0)
            {
                return PreferAnswering(preferred, now);
            }
            if (others.Count == 0 && live.Count > 0)
            {
                others = PreferAnswering(live, now);
            }
        }
        if (others.Count > 0)
        {
            return others;
        }
        var found = await forwarder.LookupAsync(hash);
        return found.Count > 0 ? found[0].Holders : [];
    }

    /// <summary>The orders with the requested digests, for a node with a damaged store.</summary>
    public async Task<HttpResponse> OrdersAsync(InboundRequest request, CancellationToken stop)
    {
        if (!OrdersRequest.TryRead(request.Body, out var requested, out var fault))
        {
            return HttpResponses.Text(422, fault.ToString());
        }
        var (orders, bytes) = (new List<SignedItem>(), 0);
        foreach (var digest in requested.Digests)
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

    /// <summary>Indexes receipts of live nodes for three minutes, until the nodes' manifests confirm them.</summary>
    public async Task<HttpResponse> ReceiptsAsync(InboundRequest request, CancellationToken stop)
    {
        if (!ReceiptsRequest.TryRead(request.Body, out var submitted, out var fault))
        {
            return HttpResponses.Text(422, fault.ToString());
        }
        var now = core.Now;
        if (!OrderRules.TryRead(submitted.Order, core.Reader, core.Network, now, out var order, out fault))
        {
            return HttpResponses.Text(422, fault.ToString());
        }
        var firstSeen = (await core.Store.OrderAsync(order.Digest, core.Network.Name, stop))?.FirstSeen ?? now;
        var indexed = 0;
        foreach (var envelope in submitted.Receipts)
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
                indexed++;
            }
        }
        if (indexed > 0 && firstSeen == now)
        {
            await core.Store.CommitAsync(
                SupernodeStore.PutOrder(new StoreBatch(), order.Digest, firstSeen, order.Raw),
                stop
            );
        }
        return HttpResponses.Text(200, $"{indexed} of {submitted.Receipts.Count} receipts count");
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
                now + FederationLimits.ReceiptLifetime,
                core.Directory.QuotaOf(member.Id)
            );
        }
        forwarder.Forget(order.Item.Swarms);
    }

    private async Task<IReadOnlyList<HeldOrder>> FindLocalAsync(Hash20 hash, CancellationToken stop)
    {
        var now = core.Now;
        var found = new List<(bool HasEligible, HeldOrder Order)>();
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
                        Held(stored.Order, ranked.Select(member => member.Record))
                    )
                );
            }
        }
        return
        [
            .. found
                .OrderByDescending(entry => entry.HasEligible)
                .Take(NetworkLimits.MaxOrdersPerLookup)
                .Select(entry => entry.Order),
        ];
    }

    private static HeldOrder Held(Signed<PlantOrder> order, IEnumerable<Signed<NodeRecord>> holders) =>
        new(order.Envelope, [.. holders.Select(record => record.Envelope)]);

    private List<Member> Live(IndexedOrder order, DateTimeOffset now) =>
        [
            .. order
                .Holders.Select(core.Directory.Find)
                .OfType<Member>()
                .Where(member => core.Directory.LivenessOf(member, now) != Liveness.Dead),
        ];

    /// <summary>The members that answer; if there are none, the doubtful ones.</summary>
    private IReadOnlyList<Signed<NodeRecord>> PreferAnswering(IReadOnlyList<Member> live, DateTimeOffset now)
    {
        var alive = live.Where(member => core.Directory.LivenessOf(member, now) == Liveness.Alive).ToArray();
        return [.. (alive.Length > 0 ? alive : live).Select(member => member.Record)];
    }
}
