using Anatomic.Federation.Orders;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Nodes;

/// <summary>What a node says to an offered order.</summary>
/// <param name="Status">200: taken, or held already; else 403, 409, 422 or 429.</param>
/// <param name="Line">One clear line for a person, when it is refused.</param>
/// <param name="Order">The order, once it is known to be one.</param>
/// <param name="Known">What stands against it (409), or the same order when it is held already (200).</param>
public sealed record OrderResult(int Status, string Line, Signed<PlantOrder>? Order = null, PlantEntry? Known = null)
{
    /// <summary>The same as <see cref="Line"/>, for logs and metrics.</summary>
    public OrderRejection Reason { get; init; }

    /// <summary>The order is to be added to the ledger.</summary>
    public bool IsNew => Status == 200 && Known is not { IsLive: true };
}

/// <summary>Judges offered orders; the cheap checks come first, the signature last.</summary>
public sealed class OrderValidator(NodeOptions options, NodeId self, ItemReader reader, PlantLedger ledger)
{
    private static readonly TimeSpan QuotaPeriod = TimeSpan.FromHours(1);
    private const int MaxPrefixes = 10_000;

    private readonly Dictionary<Endpoint, int> taken = [];
    private DateTimeOffset periodEnd;

    /// <param name="offer">The order, perhaps carried by another candidate.</param>
    /// <param name="from">Who sent it.</param>
    /// <param name="token">The bearer token sent along; null: none.</param>
    /// <param name="workDemanded">Zero bits demanded now.</param>
    /// <param name="now">The time.</param>
    public OrderResult Judge(
        PlantSubmission offer,
        in Endpoint from,
        string? token,
        int workDemanded,
        DateTimeOffset now
    )
    {
        if (!Signed.TryReadUnverified<PlantOrder>(offer.Order, options.Network.Name, out var order, out var fault))
        {
            return new OrderResult(422, fault.ToString()) { Reason = OrderRejection.Unreadable };
        }
        return Policy(offer, order, token)
            ?? Standing(order)
            ?? Form(offer, order, workDemanded, now)
            ?? Quota(order, from, now)
            ?? new OrderResult(200, "", order, ledger.Find(order.Digest));
    }

    private OrderResult? Policy(PlantSubmission offer, Signed<PlantOrder> order, string? token)
    {
        if (options.Tokens.Count > 0 && offer.Carry is null && (token is null || !options.Tokens.Contains(token)))
        {
            return new OrderResult(403, "this node takes orders only with a token of its operator")
            {
                Reason = OrderRejection.Token,
            };
        }
        if (order.Item.Swarms.Any(options.IsDenied))
        {
            return new OrderResult(403, "this node's operator refuses this torrent") { Reason = OrderRejection.Denied };
        }
        return options.IsAllowed is { } isAllowed && !order.Item.Swarms.All(isAllowed)
            ? new OrderResult(403, "this node's operator takes only torrents of a list, and this one is not on it")
            {
                Reason = OrderRejection.NotListed,
            }
            : null;
    }

    private OrderResult? Standing(Signed<PlantOrder> order)
    {
        if (order.Item.PlaceOf(self) < 0)
        {
            return new OrderResult(409, $"this node, {self}, is not a candidate of the order", order)
            {
                Reason = OrderRejection.NotCandidate,
            };
        }
        if (ledger.Find(order.Digest) is { } same)
        {
            return same.Op switch
            {
                ManifestOp.Planted => new OrderResult(200, "", order, same),
                ManifestOp.Unplanted => new OrderResult(409, "its planter has ended this order", order, same)
                {
                    Reason = OrderRejection.Ended,
                },
                _ when same.Reason == NotHeldReason.Replaced => Newer(order),
                _ => null,
            };
        }
        return Newer(order);
    }

    private OrderResult? Newer(Signed<PlantOrder> order)
    {
        var newest = ledger.NewestOf(order.Signer, order.Item.Swarms[0]);
        if (newest is null || newest.Op == ManifestOp.Dropped || newest.Digest == order.Digest)
        {
            return null;
        }
        if (newest.At < order.Item.At)
        {
            return null;
        }
        return newest.Op == ManifestOp.Unplanted
            ? new OrderResult(409, "its planter has ended a newer order for this torrent", order, newest)
            {
                Reason = OrderRejection.Ended,
            }
            : new OrderResult(409, "a newer order of the same planter is known", order, newest)
            {
                Reason = OrderRejection.Newer,
            };
    }

    private OrderResult? Form(PlantSubmission offer, Signed<PlantOrder> order, int workDemanded, DateTimeOffset now)
    {
        if (ItemReader.SkewOf(order.Item.At, now) is { } skew)
        {
            return new OrderResult(422, skew.What) { Reason = OrderRejection.Clock };
        }
        var age = now - DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(order.Item.At, now.ToUnixTimeMilliseconds()));
        if (offer.Carry is null && age > NetworkLimits.MaxOrderAge)
        {
            return new OrderResult(
                422,
                "the order is older than a day; sign a new one, or let another candidate carry it"
            )
            {
                Reason = OrderRejection.Old,
            };
        }
        // A carried order was taken by its first holder; only the network's own floor counts any more.
        var demanded = offer.Carry is null ? workDemanded : options.Network.WorkFloor;
        var work = Work.BitsOf(order, options.Network.Name);
        if (work < demanded)
        {
            return new OrderResult(422, $"the order shows {work} bits of work; this node demands {demanded}")
            {
                Reason = OrderRejection.Work,
            };
        }
        if (!reader.Verify(order))
        {
            return new OrderResult(422, "the order's signature is not that of its key in this network")
            {
                Reason = OrderRejection.Signature,
            };
        }
        return offer.Carry is null ? null : CarryFault(offer.Carry, order, now);
    }

    private OrderResult? CarryFault(SignedItem envelope, Signed<PlantOrder> order, DateTimeOffset now)
    {
        if (!reader.TryRead<Carry>(envelope, now, out var carry, out var fault))
        {
            return new OrderResult(422, fault.What) { Reason = OrderRejection.Carry };
        }
        if (carry.Item.To != self || carry.Item.Order != order.Digest)
        {
            return new OrderResult(422, "the carry is for another node or another order")
            {
                Reason = OrderRejection.Carry,
            };
        }
        if (order.Item.PlaceOf(carry.Signer) < 0 || carry.Signer == self)
        {
            return new OrderResult(422, "who carries the order is not another candidate of it")
            {
                Reason = OrderRejection.Carry,
            };
        }
        var age = now.ToUnixTimeMilliseconds() - carry.Item.At;
        return age > (long)NetworkLimits.MaxOrderAge.TotalMilliseconds
            ? new OrderResult(422, "the carry is older than a day") { Reason = OrderRejection.Carry }
            : null;
    }

    private OrderResult? Quota(Signed<PlantOrder> order, in Endpoint from, DateTimeOffset now)
    {
        if (ledger.Count >= options.MaxPlants)
        {
            return new OrderResult(
                429,
                $"this node holds {ledger.Count:N0} orders, as many as its operator allows",
                order
            )
            {
                Reason = OrderRejection.Full,
            };
        }
        if (!ledger.HasRoomFor(order.Item))
        {
            return new OrderResult(
                429,
                "this node remembers as many other nodes as it may, and the order names more",
                order
            )
            {
                Reason = OrderRejection.Full,
            };
        }
        if (!options.Network.LimitsSources)
        {
            return null;
        }
        if (now >= periodEnd || taken.Count >= MaxPrefixes)
        {
            taken.Clear();
            periodEnd = now + QuotaPeriod;
        }
        var prefix = AddressRules.PrefixOf(from);
        var count = taken.GetValueOrDefault(prefix);
        if (count >= options.PlantsPerPrefixPerHour)
        {
            return new OrderResult(429, $"more than {count} orders came from this network within an hour", order)
            {
                Reason = OrderRejection.Quota,
            };
        }
        taken[prefix] = count + 1;
        return null;
    }
}
