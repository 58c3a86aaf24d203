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
public sealed record Verdict(int Status, string Line, Signed<PlantOrder>? Order = null, PlantEntry? Known = null)
{
    /// <summary>The same as <see cref="Line"/>, for logs and metrics.</summary>
    public OfferRefusal Reason { get; init; }

    /// <summary>The order is to be added to the ledger.</summary>
    public bool IsNew => Status == 200 && Known is not { IsLive: true };
}

/// <summary>Judges offered orders; the cheap checks come first, the signature last.</summary>
public sealed class OfferJudge(NodeOptions options, NodeId self, ItemReader reader, PlantLedger ledger)
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
    public Verdict Judge(PlantOffer offer, in Endpoint from, string? token, int workDemanded, DateTimeOffset now)
    {
        if (!Signed.TryReadUnverified<PlantOrder>(offer.Order, options.Network.Name, out var order, out var fault))
        {
            return new Verdict(422, fault.ToString()) { Reason = OfferRefusal.Unreadable };
        }
        return Policy(offer, order, token)
            ?? Standing(order)
            ?? Form(offer, order, workDemanded, now)
            ?? Quota(order, from, now)
            ?? new Verdict(200, "", order, ledger.Find(order.Digest));
    }

    private Verdict? Policy(PlantOffer offer, Signed<PlantOrder> order, string? token)
    {
        if (options.Tokens.Count > 0 && offer.Carry is null && (token is null || !options.Tokens.Contains(token)))
        {
            return new Verdict(403, "this node takes orders only with a token of its operator")
            {
                Reason = OfferRefusal.Token,
            };
        }
        if (order.Item.Swarms.Any(options.IsDenied))
        {
            return new Verdict(403, "this node's operator refuses this torrent") { Reason = OfferRefusal.Denied };
        }
        return options.IsAllowed is { } isAllowed && !order.Item.Swarms.All(isAllowed)
            ? new Verdict(403, "this node's operator takes only torrents of a list, and this one is not on it")
            {
                Reason = OfferRefusal.NotListed,
            }
            : null;
    }

    private Verdict? Standing(Signed<PlantOrder> order)
    {
        if (order.Item.PlaceOf(self) < 0)
        {
            return new Verdict(409, $"this node, {self}, is not a candidate of the order", order)
            {
                Reason = OfferRefusal.NotCandidate,
            };
        }
        if (ledger.Find(order.Digest) is { } same)
        {
            return same.Op switch
            {
                ManifestOp.Planted => new Verdict(200, "", order, same),
                ManifestOp.Unplanted => new Verdict(409, "its planter has ended this order", order, same)
                {
                    Reason = OfferRefusal.Ended,
                },
                _ when same.Reason == NotHeldReason.Replaced => Newer(order),
                _ => null,
            };
        }
        return Newer(order);
    }

    private Verdict? Newer(Signed<PlantOrder> order)
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
            ? new Verdict(409, "its planter has ended a newer order for this torrent", order, newest)
            {
                Reason = OfferRefusal.Ended,
            }
            : new Verdict(409, "a newer order of the same planter is known", order, newest)
            {
                Reason = OfferRefusal.Newer,
            };
    }

    private Verdict? Form(PlantOffer offer, Signed<PlantOrder> order, int workDemanded, DateTimeOffset now)
    {
        if (ItemReader.SkewOf(order.Item.At, now) is { } skew)
        {
            return new Verdict(422, skew.What) { Reason = OfferRefusal.Clock };
        }
        var age = now - DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(order.Item.At, now.ToUnixTimeMilliseconds()));
        if (offer.Carry is null && age > NetworkLimits.MaxOrderAge)
        {
            return new Verdict(422, "the order is older than a day; sign a new one, or let another candidate carry it")
            {
                Reason = OfferRefusal.Old,
            };
        }
        // A carried order was taken by its first holder; only the network's own floor counts any more.
        var demanded = offer.Carry is null ? workDemanded : options.Network.WorkFloor;
        var work = Work.BitsOf(order, options.Network.Name);
        if (work < demanded)
        {
            return new Verdict(422, $"the order shows {work} bits of work; this node demands {demanded}")
            {
                Reason = OfferRefusal.Work,
            };
        }
        if (!reader.Verify(order))
        {
            return new Verdict(422, "the order's signature is not that of its key in this network")
            {
                Reason = OfferRefusal.Signature,
            };
        }
        return offer.Carry is null ? null : CarryFault(offer.Carry, order, now);
    }

    private Verdict? CarryFault(SignedItem envelope, Signed<PlantOrder> order, DateTimeOffset now)
    {
        if (!reader.TryRead<Carry>(envelope, now, out var carry, out var fault))
        {
            return new Verdict(422, fault.What) { Reason = OfferRefusal.Carry };
        }
        if (carry.Item.To != self || carry.Item.Order != order.Digest)
        {
            return new Verdict(422, "the carry is for another node or another order") { Reason = OfferRefusal.Carry };
        }
        if (order.Item.PlaceOf(carry.Signer) < 0 || carry.Signer == self)
        {
            return new Verdict(422, "who carries the order is not another candidate of it")
            {
                Reason = OfferRefusal.Carry,
            };
        }
        var age = now.ToUnixTimeMilliseconds() - carry.Item.At;
        return age > (long)NetworkLimits.MaxOrderAge.TotalMilliseconds
            ? new Verdict(422, "the carry is older than a day") { Reason = OfferRefusal.Carry }
            : null;
    }

    private Verdict? Quota(Signed<PlantOrder> order, in Endpoint from, DateTimeOffset now)
    {
        if (ledger.Count >= options.MaxPlants)
        {
            return new Verdict(429, $"this node holds {ledger.Count:N0} orders, as many as its operator allows", order)
            {
                Reason = OfferRefusal.Full,
            };
        }
        if (!ledger.HasRoomFor(order.Item))
        {
            return new Verdict(
                429,
                "this node remembers as many other nodes as it may, and the order names more",
                order
            )
            {
                Reason = OfferRefusal.Full,
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
            return new Verdict(429, $"more than {count} orders came from this network within an hour", order)
            {
                Reason = OfferRefusal.Quota,
            };
        }
        taken[prefix] = count + 1;
        return null;
    }
}
