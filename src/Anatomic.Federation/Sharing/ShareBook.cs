using Anatomic.Federation.Nodes;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Sharing;

/// <summary>
/// Who is told what, and when: the partners of a node, what waits for each of them, and what each batch holds. It knows only what
/// announced to this node itself, so that nothing goes round in circles.
/// </summary>
public sealed class ShareBook(
    NodeId self,
    NetworkOptions network,
    ITrackedSwarms swarms,
    Func<Hash20, IReadOnlyList<PlantEntry>> liveOf
)
{
    private readonly SortedDictionary<NodeId, Partner> partners = [];
    private readonly Dictionary<Hash32, PlantEntry> held = [];
    private readonly SwarmChange[] drained = new SwarmChange[1024];
    private readonly SwarmPeer[] snapshot = new SwarmPeer[NetworkLimits.MaxSharedPeers];

    /// <summary>All candidates of the orders held here, by id.</summary>
    public IReadOnlyCollection<Partner> Partners => partners.Values;

    public Partner? Find(NodeId id) => partners.GetValueOrDefault(id);

    /// <summary>An order is held from now on: every other candidate is addressed once.</summary>
    public void Add(PlantEntry entry, DateTimeOffset now)
    {
        held[entry.Digest] = entry;
        foreach (var candidate in entry.Order.Candidates)
        {
            if (candidate == self)
            {
                continue;
            }
            if (!partners.TryGetValue(candidate, out var partner))
            {
                // What was signed before this start is a replay: it may have been taken before.
                partners.Add(candidate, partner = new Partner(candidate) { SeqSeen = now.ToUnixTimeMilliseconds() });
            }
            partner.Orders[entry.Digest] = new Holding { Since = now };
            Address(partner, entry, now);
        }
    }

    /// <summary>An order is not held any more.</summary>
    public void Remove(PlantEntry entry)
    {
        foreach (var candidate in entry.Order.Candidates)
        {
            if (!partners.TryGetValue(candidate, out var partner) || !partner.Orders.Remove(entry.Digest))
            {
                continue;
            }
            foreach (var swarm in entry.Order.Swarms)
            {
                partner.Pending.Remove((entry.Digest, swarm));
                partner.UnderWay.Remove((entry.Digest, swarm));
                Forget(partner, swarm);
            }
            if (partner.Orders.Count == 0 && !partner.IsInFlight)
            {
                partners.Remove(candidate);
            }
        }
        held.Remove(entry.Digest);
    }

    /// <summary>Takes what is new from the tracker and puts it down for the partners.</summary>
    public void Drain(DateTimeOffset now)
    {
        int count;
        do
        {
            count = swarms.DrainChanges(drained);
            for (var i = 0; i < count; i++)
            {
                Note(drained[i], now);
            }
        } while (count == drained.Length);
    }

    /// <summary>Partners to whom a batch is to be sent now.</summary>
    public IReadOnlyList<Partner> Due(DateTimeOffset now) => [.. partners.Values.Where(partner => IsDue(partner, now))];

    /// <summary>Takes what is due for a partner into one batch; <see cref="Sent"/> or <see cref="Failed"/> must follow.</summary>
    public IReadOnlyList<PeerShare> Take(Partner partner, DateTimeOffset now)
    {
        Invariant.Holds(!partner.IsInFlight && partner.UnderWay.Count == 0);
        partner.IsInFlight = true;
        partner.LastSent = now;
        var shares = new List<PeerShare>();
        var bytes = 0;
        foreach (var (key, pending) in partner.Pending.Where(entry => entry.Value.Due <= now).ToArray())
        {
            if (bytes >= SharingLimits.BatchFillBytes || shares.Count >= NetworkLimits.MaxShares)
            {
                break;
            }
            var share = pending.IsSnapshot ? Whole(key.Order, key.Swarm, pending) : News(key.Order, key.Swarm, pending);
            var size = SizeOf(share);
            if (shares.Count > 0 && bytes + size > SharingLimits.BatchFillBytes)
            {
                break;
            }
            bytes += size;
            shares.Add(share);
            partner.UnderWay[key] = pending;
            partner.Pending.Remove(key);
        }
        return shares;
    }

    /// <summary>A partner has answered a batch.</summary>
    /// <returns>Orders that it held before and holds no more.</returns>
    public IReadOnlyList<Hash32> Sent(Partner partner, PeerAnswer answer, DateTimeOffset now)
    {
        partner.IsInFlight = false;
        partner.Failures = 0;
        var asked = partner.UnderWay.Keys.Select(key => key.Order).ToHashSet();
        partner.UnderWay.Clear();
        Heard(partner, now);
        MeetBoot(partner, answer.Boot, now);
        var left = new List<Hash32>();
        foreach (var (order, reason) in answer.NotHeld)
        {
            if (asked.Remove(order) && partner.Orders.TryGetValue(order, out var holding))
            {
                if (holding.State == HoldingState.Holding)
                {
                    left.Add(order);
                }
                LeaveOut(partner, order, holding, reason, now);
            }
        }
        foreach (var order in asked)
        {
            if (partner.Orders.TryGetValue(order, out var holding))
            {
                SetState(holding, HoldingState.Holding, now);
            }
        }
        return left;
    }

    /// <summary>A batch did not arrive: what was in it is told as a whole later.</summary>
    public void Failed(Partner partner, DateTimeOffset now)
    {
        partner.IsInFlight = false;
        var backoff = TimeSpan.FromSeconds(1 << Math.Min(partner.Failures++, 6));
        partner.NotBefore = now + (backoff < SharingLimits.MaxBackoff ? backoff : SharingLimits.MaxBackoff);
        foreach (var key in partner.UnderWay.Keys)
        {
            PendingOf(partner, key, now).IsSnapshot = true;
        }
        partner.UnderWay.Clear();
    }

    /// <summary>A sign of life: who was thought lost is addressed again.</summary>
    public void Heard(Partner partner, DateTimeOffset now)
    {
        partner.LastHeard = now;
        foreach (var (order, holding) in partner.Orders)
        {
            if (holding.State == HoldingState.Lost)
            {
                SetState(holding, HoldingState.Untried, now);
                AddressOrder(partner, order, now);
            }
        }
    }

    /// <summary>A partner takes part in an order: it sent something for it, or took it from a carry.</summary>
    public void TakesPart(Partner partner, Hash32 order, DateTimeOffset now)
    {
        if (!partner.Orders.TryGetValue(order, out var holding))
        {
            return;
        }
        if (holding.State is HoldingState.Out or HoldingState.Lost)
        {
            AddressOrder(partner, order, now);
        }
        SetState(holding, HoldingState.Holding, now);
    }

    /// <summary>A partner was found dead: its peers are forgotten, until it is heard again.</summary>
    public void Lose(Partner partner, DateTimeOffset now)
    {
        foreach (var (order, holding) in partner.Orders)
        {
            if (holding.State is HoldingState.Holding or HoldingState.Untried)
            {
                SetState(holding, HoldingState.Lost, now);
                ForgetOrder(partner, order);
            }
        }
    }

    /// <summary>A partner's boot number: another one than before means that it has forgotten what it was told.</summary>
    public void MeetBoot(Partner partner, long boot, DateTimeOffset now)
    {
        if (partner.Boot == boot)
        {
            return;
        }
        var isFirst = partner.Boot < 0;
        partner.Boot = boot;
        foreach (var (order, holding) in partner.Orders)
        {
            if (!isFirst && holding.State is not HoldingState.Out)
            {
                AddressOrder(partner, order, now);
            }
        }
    }

    /// <summary>Keeps the newest record of a partner; it must be verified.</summary>
    public void Learn(Signed<NodeRecord> record)
    {
        if (
            partners.TryGetValue(record.Signer, out var partner)
            && record.Item.Role == NodeRole.Node
            && (partner.Record is null || partner.Record.Item.Seq < record.Item.Seq)
        )
        {
            partner.Record = record;
            partner.NotBefore = default;
        }
    }

    private void Note(in SwarmChange change, DateTimeOffset now)
    {
        if (!AddressRules.MayShare(change.Peer.Address, network.AllowsPrivate))
        {
            return;
        }
        var orders = liveOf(change.Swarm);
        var told = orders.Count > 1 ? new HashSet<NodeId>() : null;
        foreach (var entry in orders)
        {
            var isNew = now - DateTimeOffset.FromUnixTimeMilliseconds(entry.Since) < FederationLimits.NewSwarm;
            var isQuick = isNew || swarms.Totals(change.Swarm).Count < FederationLimits.SmallSwarm;
            var due = now + (isQuick ? FederationLimits.QuickShare : FederationLimits.SlowShare);
            foreach (var candidate in entry.Order.Candidates)
            {
                if (
                    partners.TryGetValue(candidate, out var partner)
                    && partner.Orders.TryGetValue(entry.Digest, out var holding)
                    && holding.State is HoldingState.Holding or HoldingState.Untried
                    && told?.Add(candidate) != false
                )
                {
                    Note(partner, (entry.Digest, change.Swarm), change, due);
                }
            }
        }
    }

    private static void Note(Partner partner, (Hash32, Hash20) key, in SwarmChange change, DateTimeOffset due)
    {
        var pending = PendingOf(partner, key, due);
        if (pending.IsSnapshot && !change.Gone)
        {
            return;
        }
        pending.Changes[change.Peer.Address] = (change.Peer.IsSeed, change.Gone);
        if (pending.Changes.Count > NetworkLimits.MaxSharedPeers)
        {
            // More than a batch may hold: the newest of all say more than the list of all.
            pending.IsSnapshot = true;
            pending.Changes.Clear();
        }
    }

    private static PendingShare PendingOf(Partner partner, (Hash32, Hash20) key, DateTimeOffset due)
    {
        if (!partner.Pending.TryGetValue(key, out var pending))
        {
            partner.Pending.Add(key, pending = new PendingShare { Due = due });
        }
        pending.Due = due < pending.Due ? due : pending.Due;
        return pending;
    }

    private void Address(Partner partner, PlantEntry entry, DateTimeOffset now)
    {
        foreach (var swarm in entry.Order.Swarms)
        {
            PendingOf(partner, (entry.Digest, swarm), now + FederationLimits.QuickShare).IsSnapshot = true;
        }
    }

    private void AddressOrder(Partner partner, Hash32 order, DateTimeOffset now)
    {
        if (EntryOf(order) is { } entry)
        {
            Address(partner, entry, now);
        }
    }

    private PeerShare Whole(Hash32 order, Hash20 swarm, PendingShare pending)
    {
        var count = swarms.Snapshot(swarm, snapshot);
        var peers = snapshot[..count].Where(peer => AddressRules.MayShare(peer.Address, network.AllowsPrivate));
        var gone = pending.Changes.Where(change => change.Value.IsGone).Select(change => change.Key).Order();
        return new PeerShare(order, swarm, [.. peers], [.. gone], swarms.Totals(swarm));
    }

    private PeerShare News(Hash32 order, Hash20 swarm, PendingShare pending)
    {
        var changes = pending.Changes.OrderBy(change => change.Key).ToArray();
        var peers = changes.Where(change => !change.Value.IsGone).Take(NetworkLimits.MaxSharedPeers);
        var gone = changes.Where(change => change.Value.IsGone).Take(NetworkLimits.MaxSharedPeers);
        return new PeerShare(
            order,
            swarm,
            [.. peers.Select(change => new SwarmPeer(change.Key, change.Value.IsSeed))],
            [.. gone.Select(change => change.Key)],
            swarms.Totals(swarm)
        );
    }

    private static bool IsDue(Partner partner, DateTimeOffset now)
    {
        if (partner.IsInFlight || partner.Record is null || partner.NotBefore > now)
        {
            return false;
        }
        if (partner.Pending.Values.Any(pending => pending.Due <= now))
        {
            return true;
        }
        var isTold = partner.Orders.Values.Any(holding => holding.State is not HoldingState.Out);
        return isTold && partner.LastSent + FederationLimits.Heartbeat <= now;
    }

    private void LeaveOut(Partner partner, Hash32 order, Holding holding, NotHeldReason reason, DateTimeOffset now)
    {
        SetState(holding, HoldingState.Out, now);
        holding.Reason = reason;
        holding.AvoidUntil = reason == NotHeldReason.Dropped ? now + SharingLimits.AvoidRefusing : now;
        ForgetOrder(partner, order);
    }

    private void ForgetOrder(Partner partner, Hash32 order)
    {
        foreach (var swarm in EntryOf(order)?.Order.Swarms ?? [])
        {
            partner.Pending.Remove((order, swarm));
            Forget(partner, swarm);
        }
    }

    // The same swarm may be shared with the same partner by another order.
    private void Forget(Partner partner, Hash20 swarm)
    {
        var isShared = liveOf(swarm)
            .Any(entry =>
                partner.Orders.TryGetValue(entry.Digest, out var holding) && holding.State == HoldingState.Holding
            );
        if (!isShared)
        {
            partner.Taken.Remove(swarm);
            swarms.ForgetShared(swarm, partner.Id.Value);
        }
    }

    private PlantEntry? EntryOf(Hash32 order) => held.GetValueOrDefault(order);

    private static void SetState(Holding holding, HoldingState state, DateTimeOffset now)
    {
        if (holding.State != state)
        {
            (holding.State, holding.Since) = (state, now);
        }
    }

    private static int SizeOf(PeerShare share) => 120 + (share.Peers.Count * 19) + (share.Gone.Count * 18);
}
