using Anatomic.Federation.Orders;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Sharing;

/// <summary>
/// Who is told what, and when: the partners of a node, what waits for each of them, and what each batch holds. It knows only what
/// announced to this node itself, so that nothing goes round in circles. What it knows of an order stands beside the order's row in
/// the ledger; what concerns all orders of a partner (it starts, is lost, comes back) walks over the rows.
/// </summary>
public sealed class PeerSharingState
{
    private readonly NetworkOptions network;
    private readonly ITrackedSwarms swarms;
    private readonly PlantLedger ledger;
    private readonly SortedDictionary<NodeId, Partner> partners = [];
    private readonly List<Partner?> byNumber = [];
    private readonly CarryBackoff avoided = new();
    private readonly HashSet<int> told = [];
    private readonly SwarmChange[] drained = new SwarmChange[1024];
    private readonly ShareBuilder maker;

    public PeerSharingState(NodeId self, NetworkOptions network, ITrackedSwarms swarms, PlantLedger ledger)
    {
        (this.network, this.swarms, this.ledger) = (network, swarms, ledger);
        maker = new ShareBuilder(network, swarms);
        Self = ledger.Nodes.Take(self);
    }

    /// <summary>All candidates of the orders held here, by id.</summary>
    public IReadOnlyCollection<Partner> Partners => partners.Values;

    public Partner? Find(NodeId id) => partners.GetValueOrDefault(id);

    /// <summary>This node's own number in the ledger.</summary>
    internal int Self { get; }

    internal HoldingTable Holdings { get; } = new();

    internal PlantLedger Ledger => ledger;

    /// <summary>An order, live in the ledger, is held from now on: every other candidate is addressed once.</summary>
    public void Add(PlantEntry entry, DateTimeOffset now) => Add(ledger.RowOf(entry.Digest), now);

    internal void Add(int row, DateTimeOffset now)
    {
        Holdings.Hold(row);
        for (var place = 0; place < ledger[row].Candidates; place++)
        {
            var number = ledger.CandidateAt(row, place);
            if (number != Self)
            {
                var partner = PartnerAt(number) ?? Meet(number, now);
                Holdings.SetState(row, place, HoldingState.Untried);
                partner.Count(null, HoldingState.Untried, now);
                Address(partner, row, place, now + FederationLimits.QuickShare);
            }
        }
    }

    /// <summary>An order, as it was when it was held, is not held any more; it may have ended before it ever was.</summary>
    public void Remove(PlantEntry entry)
    {
        var row = ledger.RowOf(entry.Digest);
        if (!Holdings.IsHeld(row))
        {
            return;
        }
        for (var place = 0; place < entry.Candidates.Count; place++)
        {
            if (
                Holdings.StateOf(row, place) is not { } state
                || !partners.TryGetValue(entry.Candidates[place], out var partner)
            )
            {
                continue;
            }
            partner.Count(state, null, default);
            avoided.Remove(row, partner);
            foreach (var swarm in entry.Swarms)
            {
                partner.UnderWay.Remove((entry.Digest, swarm));
            }
            ForgetOrder(partner, row, place);
            DropIfIdle(partner);
        }
        Holdings.Release(row);
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
        var batch = new BatchBuilder(partner);
        TakeSnapshots(partner, batch, now);
        foreach (var key in partner.Pending.Due(now))
        {
            var pending = partner.Pending[key];
            if (!batch.TryAdd([pending.IsSnapshot ? maker.Whole(key, pending) : maker.News(key, pending)]))
            {
                break;
            }
            partner.Pending.Remove(key, out _);
        }
        return batch.Shares;
    }

    /// <summary>A partner has answered a batch.</summary>
    /// <returns>Orders that it held before and holds no more.</returns>
    public IReadOnlyList<Hash32> Sent(Partner partner, PeersResponse answer, DateTimeOffset now)
    {
        partner.IsInFlight = false;
        partner.Failures = 0;
        var asked = partner.UnderWay.Select(key => key.Order).ToHashSet();
        partner.UnderWay.Clear();
        Heard(partner, now);
        MeetBoot(partner, answer.Boot, now);
        var left = new List<Hash32>();
        foreach (var (order, reason) in answer.NotHeld)
        {
            if (asked.Remove(order) && PartOf(partner, order) is { } part)
            {
                if (part.State == HoldingState.Holding)
                {
                    left.Add(order);
                }
                LeaveOut(partner, part, reason, now);
            }
        }
        foreach (var order in asked)
        {
            if (PartOf(partner, order) is { } part)
            {
                SetState(partner, part, HoldingState.Holding, now);
            }
        }
        DropIfIdle(partner);
        return left;
    }

    /// <summary>A batch did not arrive: what was in it is told as a whole later.</summary>
    public void Failed(Partner partner, DateTimeOffset now)
    {
        partner.IsInFlight = false;
        var backoff = TimeSpan.FromSeconds(1 << Math.Min(partner.Failures++, 6));
        partner.NotBefore = now + (backoff < SharingLimits.MaxBackoff ? backoff : SharingLimits.MaxBackoff);
        foreach (var (order, _) in partner.UnderWay)
        {
            if (PartOf(partner, order) is { State: HoldingState.Untried or HoldingState.Holding } part)
            {
                Address(partner, part.Row, part.Place, now);
            }
        }
        partner.UnderWay.Clear();
        DropIfIdle(partner);
    }

    /// <summary>A sign of life: who was thought lost is addressed again.</summary>
    public void Heard(Partner partner, DateTimeOffset now)
    {
        partner.LastHeard = now;
        if (partner.CountOf(HoldingState.Lost) > 0)
        {
            foreach (var part in PartsOf(partner).Where(part => part.State == HoldingState.Lost))
            {
                SetState(partner, part, HoldingState.Untried, now);
                Address(partner, part.Row, part.Place, now + FederationLimits.QuickShare);
            }
        }
    }

    /// <summary>A partner takes part in an order: it sent something for it, or took it from a carry.</summary>
    public void TakesPart(Partner partner, Hash32 order, DateTimeOffset now)
    {
        if (PartOf(partner, order) is not { } part)
        {
            return;
        }
        if (part.State is HoldingState.Out or HoldingState.Lost)
        {
            Address(partner, part.Row, part.Place, now + FederationLimits.QuickShare);
        }
        SetState(partner, part, HoldingState.Holding, now);
    }

    /// <summary>A partner was found dead: its peers are forgotten, until it is heard again.</summary>
    public void Lose(Partner partner, DateTimeOffset now)
    {
        foreach (var part in PartsOf(partner))
        {
            if (part.State is HoldingState.Holding or HoldingState.Untried)
            {
                SetState(partner, part, HoldingState.Lost, now);
                ForgetOrder(partner, part.Row, part.Place);
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
        if (isFirst)
        {
            return;
        }
        foreach (var part in PartsOf(partner).Where(part => part.State != HoldingState.Out))
        {
            Address(partner, part.Row, part.Place, now + FederationLimits.QuickShare);
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

    /// <summary>Some order held here that names a partner; null: none is found.</summary>
    public PlantEntry? SampleOf(Partner partner)
    {
        // The walk goes on where the last one ended, so that orders which end cost one walk over all rows together.
        for (var walked = 0; walked < ledger.Rows && partner.Orders > 0; walked++, partner.Sample++)
        {
            partner.Sample = partner.Sample < ledger.Rows ? partner.Sample : 0;
            if (ledger.PlaceOf(partner.Sample, partner.Number) >= 0)
            {
                return ledger.EntryAt(partner.Sample);
            }
        }
        return null;
    }

    /// <summary>What a partner does with an order held here; null: it is no candidate, or the order is not held.</summary>
    public HoldingState? StateOf(Partner partner, Hash32 order) => PartOf(partner, order)?.State;

    /// <summary>No carry to a partner for an order before this time.</summary>
    public void Avoid(Partner partner, Hash32 order, DateTimeOffset until, DateTimeOffset now)
    {
        if (PartOf(partner, order) is { } part)
        {
            avoided.Add(part.Row, partner, until, now);
        }
    }

    /// <summary>The candidates of an order to whom it may be carried: who holds nothing, and is not to be left alone.</summary>
    internal IReadOnlyList<Partner> FreeFor(int row, DateTimeOffset now)
    {
        var free = new List<Partner>();
        for (var place = 0; place < ledger[row].Candidates; place++)
        {
            if (
                Holdings.StateOf(row, place) == HoldingState.Out
                && PartnerAt(ledger.CandidateAt(row, place)) is { } partner
                && !avoided.Holds(row, partner, now)
            )
            {
                free.Add(partner);
            }
        }
        return free;
    }

    /// <summary>A partner's part in one order.</summary>
    private readonly record struct Part(int Row, int Place, HoldingState State);

    private Part? PartOf(Partner partner, Hash32 order) =>
        ledger.RowOf(order) is >= 0 and var row ? PartOf(partner, row) : null;

    private Part? PartOf(Partner partner, int row)
    {
        var place = ledger.PlaceOf(row, partner.Number);
        return Holdings.StateOf(row, place) is { } state ? new Part(row, place, state) : null;
    }

    private IEnumerable<Part> PartsOf(Partner partner)
    {
        for (var row = 0; row < ledger.Rows; row++)
        {
            if (PartOf(partner, row) is { } part)
            {
                yield return part;
            }
        }
    }

    private Partner? PartnerAt(int number) => number < byNumber.Count ? byNumber[number] : null;

    private Partner Meet(int number, DateTimeOffset now)
    {
        var id = ledger.Nodes[number];
        // The number is its own as long as it is a partner.
        ledger.Nodes.Take(id);
        // What was signed before this start is a replay: it may have been taken before.
        var partner = new Partner(id, number) { SeqSeen = now.ToUnixTimeMilliseconds() };
        partners.Add(id, partner);
        while (byNumber.Count <= number)
        {
            byNumber.Add(null);
        }
        byNumber[number] = partner;
        return partner;
    }

    private void DropIfIdle(Partner partner)
    {
        if (partner.Orders == 0 && !partner.IsInFlight && partners.Remove(partner.Id))
        {
            byNumber[partner.Number] = null;
            ledger.Nodes.Release(partner.Number);
        }
    }

    private void Note(in SwarmChange change, DateTimeOffset now)
    {
        if (!AddressRules.MayShare(change.Peer.Address, network.AllowsPrivate))
        {
            return;
        }
        var rows = ledger.LiveRowsOf(change.Swarm);
        told.Clear();
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            var isNew = now - DateTimeOffset.FromUnixTimeMilliseconds(ledger.SinceOf(row)) < FederationLimits.NewSwarm;
            var isQuick = isNew || swarms.Totals(change.Swarm).Count < FederationLimits.SmallSwarm;
            var due = now + (isQuick ? FederationLimits.QuickShare : FederationLimits.SlowShare);
            for (var place = 0; place < ledger[row].Candidates; place++)
            {
                var number = ledger.CandidateAt(row, place);
                if (
                    Holdings.StateOf(row, place) is { } state and (HoldingState.Holding or HoldingState.Untried)
                    && PartnerAt(number) is { } partner
                    && (rows.Count == 1 || told.Add(number))
                )
                {
                    Note(partner, new Part(row, place, state), change, due);
                }
            }
        }
    }

    private void Note(Partner partner, Part part, in SwarmChange change, DateTimeOffset due)
    {
        // Who is about to be told of the whole swarm needs no news of it; who never has been, nor of those that are gone.
        var isTold = Holdings.Waits(part.Row, part.Place);
        if (isTold && (!change.Gone || part.State == HoldingState.Untried))
        {
            return;
        }
        if (!partner.Pending.TryAdd((ledger[part.Row].Digest, change.Swarm), change, due))
        {
            Address(partner, part.Row, part.Place, due);
        }
    }

    private void Address(Partner partner, int row, int place, DateTimeOffset due)
    {
        if (Holdings.TrySetWaits(row, place, true))
        {
            partner.Snapshots.Add(row, due);
        }
    }

    private void TakeSnapshots(Partner partner, BatchBuilder batch, DateTimeOffset now)
    {
        if (!partner.Snapshots.IsDue(now))
        {
            return;
        }
        bool Waits(int row) => PartOf(partner, row) is { } part && Holdings.Waits(row, part.Place);
        while (partner.Snapshots.Next(ledger.Rows, Waits) is >= 0 and var row)
        {
            var shares = new List<PeerShare>();
            var order = ledger[row].Digest;
            var both = ledger.SwarmsOf(row);
            for (var i = 0; i < both.Count; i++)
            {
                shares.Add(maker.Whole((order, both[i]), partner.Pending.Find((order, both[i]))));
            }
            if (!batch.TryAdd(shares))
            {
                return;
            }
            shares.ForEach(share => partner.Pending.Remove((share.Order, share.Swarm), out _));
            ClearWaits(partner, row, ledger.PlaceOf(row, partner.Number));
        }
    }

    private void ClearWaits(Partner partner, int row, int place)
    {
        if (Holdings.TrySetWaits(row, place, false))
        {
            partner.Snapshots.Remove();
        }
    }

    private static bool IsDue(Partner partner, DateTimeOffset now)
    {
        if (partner.IsInFlight || partner.Record is null || partner.NotBefore > now)
        {
            return false;
        }
        if (partner.Snapshots.IsDue(now) || partner.Pending.IsDue(now))
        {
            return true;
        }
        var isTold = partner.Orders > partner.CountOf(HoldingState.Out);
        return isTold && partner.LastSent + FederationLimits.Heartbeat <= now;
    }

    private void LeaveOut(Partner partner, Part part, NotHeldReason reason, DateTimeOffset now)
    {
        SetState(partner, part, HoldingState.Out, now);
        avoided.Remove(part.Row, partner);
        if (reason == NotHeldReason.Dropped)
        {
            avoided.Add(part.Row, partner, now + SharingLimits.AvoidRefusing, now);
        }
        ForgetOrder(partner, part.Row, part.Place);
    }

    private void ForgetOrder(Partner partner, int row, int place)
    {
        ClearWaits(partner, row, place);
        var both = ledger.SwarmsOf(row);
        for (var i = 0; i < both.Count; i++)
        {
            partner.Pending.Remove((ledger[row].Digest, both[i]), out _);
            Forget(partner, both[i]);
        }
    }

    // The same swarm may be shared with the same partner by another order.
    private void Forget(Partner partner, Hash20 swarm)
    {
        var rows = ledger.LiveRowsOf(swarm);
        if (!rows.Any(row => PartOf(partner, row)?.State == HoldingState.Holding))
        {
            partner.Taken.Remove(swarm);
            swarms.ForgetShared(swarm, partner.Id.Value);
        }
    }

    private void SetState(Partner partner, Part part, HoldingState state, DateTimeOffset now)
    {
        Holdings.SetState(part.Row, part.Place, state);
        partner.Count(part.State, state, now);
    }
}
