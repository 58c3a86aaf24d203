using Anatomic.Federation.Orders;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Nodes;

/// <summary>The result of validating an incoming order.</summary>
/// <param name="Status">200: accepted, or held already. Otherwise 403, 409, 422 or 429.</param>
/// <param name="Message">One sentence for a person, when the order is rejected.</param>
/// <param name="Known">What the ledger has: the conflicting entry (409), or this order's own entry (200).</param>
public sealed record OrderResult(int Status, string Message, PlantEntry? Known = null)
{
    /// <summary>The reason of a rejection, for logs and metrics.</summary>
    public OrderRejection Reason { get; init; }

    /// <summary>Whether the order must be added to the ledger.</summary>
    public bool IsNew => Status == 200 && Known is not { IsLive: true };

    internal static OrderResult Rejected(
        int status,
        OrderRejection reason,
        string message,
        PlantEntry? conflict = null
    ) => new(status, message, conflict) { Reason = reason };
}

/// <summary>Decides whether a node accepts an incoming order. Cheap checks come first, the signature late.</summary>
public sealed class OrderValidator(NodeOptions options, NodeId self, ItemReader reader, PlantLedger ledger)
{
    private readonly FixedWindowLimiter<Endpoint> sources = new(
        options.PlantsPerPrefixPerHour,
        TimeSpan.FromHours(1),
        FederationLimits.MaxPlantPrefixes
    );

    /// <summary>Validates an order and counts it against its sender's quota.</summary>
    /// <param name="workDemanded">Zero bits of work that the node requires now.</param>
    public OrderResult Validate(IncomingOrder incoming, int workDemanded, DateTimeOffset now) =>
        CheckPolicy(incoming)
        ?? CheckLedger(incoming.Order)
        ?? CheckItems(incoming, workDemanded, now)
        ?? CheckQuotas(incoming, now)
        ?? new OrderResult(200, "", ledger.Find(incoming.Order.Digest));

    private OrderResult? CheckPolicy(IncomingOrder incoming)
    {
        var isPermitted = incoming.Carry is not null || (incoming.Token is { } token && options.Tokens.Contains(token));
        if (options.Tokens.Count > 0 && !isPermitted)
        {
            return OrderResult.Rejected(
                403,
                OrderRejection.Token,
                "this node accepts orders only with an access token"
            );
        }
        var swarms = incoming.Order.Item.Swarms;
        if (swarms.Any(options.IsDenied))
        {
            return OrderResult.Rejected(
                403,
                OrderRejection.Denied,
                "this torrent is on the deny list of the node's operator"
            );
        }
        return options.IsAllowed is { } isAllowed && !swarms.All(isAllowed)
            ? OrderResult.Rejected(
                403,
                OrderRejection.NotListed,
                "this torrent is not on the allow list of the node's operator"
            )
            : null;
    }

    private OrderResult? CheckLedger(Signed<PlantOrder> order)
    {
        if (order.Item.PlaceOf(self) < 0)
        {
            return OrderResult.Rejected(
                409,
                OrderRejection.NotCandidate,
                $"this node, {self}, is not a candidate of the order"
            );
        }
        if (ledger.Find(order.Digest) is not { } same)
        {
            return CheckNewest(order);
        }
        return same.Op switch
        {
            ManifestOp.Planted => new OrderResult(200, "", same),
            ManifestOp.Unplanted => OrderResult.Rejected(
                409,
                OrderRejection.Ended,
                "the planter has ended this order",
                same
            ),
            _ => same.Reason == NotHeldReason.Replaced ? CheckNewest(order) : null,
        };
    }

    private OrderResult? CheckNewest(Signed<PlantOrder> order)
    {
        var newest = ledger.NewestOf(order.Signer, order.Item.Swarms[0]);
        if (
            newest is null
            || newest.Op == ManifestOp.Dropped
            || newest.Digest == order.Digest
            || newest.At < order.Item.At
        )
        {
            return null;
        }
        return newest.Op == ManifestOp.Unplanted
            ? OrderResult.Rejected(
                409,
                OrderRejection.Ended,
                "the planter has ended a newer order for this torrent",
                newest
            )
            : OrderResult.Rejected(
                409,
                OrderRejection.Newer,
                "this node knows a newer order of the same planter",
                newest
            );
    }

    private OrderResult? CheckItems(IncomingOrder incoming, int workDemanded, DateTimeOffset now)
    {
        var order = incoming.Order;
        if (ItemReader.CheckSkew(order.Item.At, now) is { } skew)
        {
            return OrderResult.Rejected(422, OrderRejection.Clock, skew.What);
        }
        var age = now - DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(order.Item.At, now.ToUnixTimeMilliseconds()));
        if (incoming.Carry is null && age > NetworkLimits.MaxOrderAge)
        {
            return OrderResult.Rejected(
                422,
                OrderRejection.Old,
                "the order is older than a day; sign a new one, or let another candidate carry it"
            );
        }
        // The first holder of a carried order has checked its own requirement; only the network's floor counts now.
        var demanded = incoming.Carry is null ? workDemanded : options.Network.WorkFloor;
        var work = Work.BitsOf(order, options.Network.Name);
        if (work < demanded)
        {
            return OrderResult.Rejected(
                422,
                OrderRejection.Work,
                $"the order shows {work} bits of work; this node requires {demanded}"
            );
        }
        if (!reader.Verify(order))
        {
            return OrderResult.Rejected(
                422,
                OrderRejection.Signature,
                "the order's signature is not valid for its key in this network"
            );
        }
        return incoming.Carry is { } carry ? CheckCarry(carry, order, now) : null;
    }

    private OrderResult? CheckCarry(SignedItem envelope, Signed<PlantOrder> order, DateTimeOffset now)
    {
        static OrderResult Rejected(string message) => OrderResult.Rejected(422, OrderRejection.Carry, message);

        if (!reader.TryRead<Carry>(envelope, now, out var carry, out var fault))
        {
            return Rejected(fault.What);
        }
        if (carry.Item.To != self || carry.Item.Order != order.Digest)
        {
            return Rejected("the carry is for another node or another order");
        }
        if (order.Item.PlaceOf(carry.Signer) < 0 || carry.Signer == self)
        {
            return Rejected("the carrier is not another candidate of the order");
        }
        var age = now.ToUnixTimeMilliseconds() - carry.Item.At;
        return age > (long)NetworkLimits.MaxOrderAge.TotalMilliseconds
            ? Rejected("the carry is older than a day")
            : null;
    }

    private OrderResult? CheckQuotas(IncomingOrder incoming, DateTimeOffset now)
    {
        if (ledger.Count >= options.MaxPlants)
        {
            return OrderResult.Rejected(
                429,
                OrderRejection.Full,
                $"this node is full: it holds {ledger.Count:N0} orders, the limit that its operator set"
            );
        }
        if (!ledger.HasRoomFor(incoming.Order.Item))
        {
            return OrderResult.Rejected(
                429,
                OrderRejection.Full,
                "this node is full: its orders name as many nodes as it can remember"
            );
        }
        return options.Network.LimitsSources && !sources.TryAcquire(AddressRules.PrefixOf(incoming.From), now)
            ? OrderResult.Rejected(
                429,
                OrderRejection.Quota,
                $"your network has sent {options.PlantsPerPrefixPerHour} orders within an hour, the limit of this node"
            )
            : null;
    }
}
