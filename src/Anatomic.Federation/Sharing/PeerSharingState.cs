using Anatomic.Federation.Orders;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;

namespace Anatomic.Federation.Sharing;

/// <summary>
/// What a node shares with which partner, and when: the partners, the state of each order at each of them, and what
/// waits for their next batches. Only peers that announced to this node itself are shared, so nothing travels in
/// circles.
/// </summary>
/// <remarks>
/// A decision object. The state of an order lies beside its row in the ledger. An operation on all orders of a partner
/// (it starts, is lost, comes back) walks over the rows.
/// </remarks>
public sealed class PeerSharingState
{
    private readonly NetworkOptions network;
    private readonly ITrackedSwarms swarms;
    private readonly PlantLedger ledger;
    private readonly PartnerTable partners;
    private readonly CarryBackoff carryBackoff = new();
    private readonly HashSet<int> notified = [];
    private readonly SwarmChange[] drained = new SwarmChange[1024];
    private readonly ShareBuilder builder;

    public PeerSharingState(NodeId self, NetworkOptions network, ITrackedSwarms swarms, PlantLedger ledger)
    {
        (this.network, this.swarms, this.ledger) = (network, swarms, ledger);
        partners = new PartnerTable(ledger);
        builder = new ShareBuilder(network, swarms);
        Self = ledger.Nodes.AddReference(self);
    }

    /// <summary>All other candidates of the orders held here, by id.</summary>
    public IReadOnlyCollection<Partner> Partners => partners.All;

    public Partner? Find(NodeId id) => partners.Find(id);

    /// <summary>This node's own number in the ledger.</summary>
    internal int Self { get; }

    internal HoldingTable Holdings { get; } = new();

    internal PlantLedger Ledger => ledger;

    /// <summary>A live order of the ledger is held from now on. Every other candidate gets one snapshot.</summary>
    public void Add(PlantEntry entry, DateTimeOffset now) => Add(ledger.RowOf(entry.Digest), now);

    internal void Add(int row, DateTimeOffset now)
    {
        Holdings.Hold(row);
        for (var place = 0; place < ledger[row].Candidates; place++)
        {
            var number = ledger.CandidateAt(row, place);
            if (number != Self)
            {
                var partner = partners.GetOrAdd(number, now);
                Holdings.SetState(row, place, HoldingState.Untried);
                partner.Count(null, HoldingState.Untried, now);
                QueueSnapshot(partner, row, place, now + FederationLimits.FastShareDelay);
            }
        }
    }

    /// <summary>An order is no longer held. It may have ended before it was ever held.</summary>
    /// <param name="entry">The order as it was while it was live.</param>
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
                || partners.Find(entry.Candidates[place]) is not { } partner
            )
            {
                continue;
            }
            partner.Count(state, null, default);
            carryBackoff.Remove(row, partner);
            foreach (var swarm in entry.Swarms)
            {
                partner.InFlight.Remove((entry.Digest, swarm));
            }
            ForgetOrder(partner, row, place);
            partners.RemoveIfIdle(partner);
        }
        Holdings.Release(row);
    }

    /// <summary>Reads all changes from the tracker and queues them for the partners.</summary>
    public void Drain(DateTimeOffset now)
    {
        int count;
        do
        {
            count = swarms.DrainChanges(drained);
            for (var i = 0; i < count; i++)
            {
                QueueChange(drained[i], now);
            }
        } while (count == drained.Length);
    }

    /// <summary>The partners to which a batch must be sent now.</summary>
    public IReadOnlyList<Partner> Due(DateTimeOffset now) => [.. partners.All.Where(partner => IsDue(partner, now))];

    /// <summary>
    /// Moves what is due for a partner into a batch. <see cref="CompleteBatch"/> or <see cref="FailBatch"/> must
    /// follow.
    /// </summary>
    public IReadOnlyList<PeerShare> StartBatch(Partner partner, DateTimeOffset now)
    {
        Invariant.Holds(!partner.IsInFlight && partner.InFlight.Count == 0);
        partner.IsInFlight = true;
        partner.LastSent = now;
        var batch = new BatchBuilder(partner);
        AddSnapshots(partner, batch, now);
        foreach (var key in partner.Pending.Due(now))
        {
            var pending = partner.Pending[key];
            if (!batch.TryAdd([pending.IsSnapshot ? builder.Snapshot(key, pending) : builder.Changes(key, pending)]))
            {
                break;
            }
            partner.Pending.Remove(key, out _);
        }
        return batch.Shares;
    }

    /// <summary>A partner has answered a batch.</summary>
    /// <returns>Orders that it held before and no longer holds.</returns>
    public IReadOnlyList<Hash32> CompleteBatch(Partner partner, PeersResponse response, DateTimeOffset now)
    {
        partner.IsInFlight = false;
        partner.Failures = 0;
        var sent = partner.InFlight.Select(key => key.Order).ToHashSet();
        partner.InFlight.Clear();
        MarkHeard(partner, now);
        UpdateBoot(partner, response.Boot, now);
        var left = new List<Hash32>();
        foreach (var (order, reason) in response.NotHeld)
        {
            if (sent.Remove(order) && PartOf(partner, order) is { } part)
            {
                if (part.State == HoldingState.Holding)
                {
                    left.Add(order);
                }
                MarkNotHolding(partner, part, reason, now);
            }
        }
        foreach (var order in sent)
        {
            if (PartOf(partner, order) is { } part)
            {
                SetState(partner, part, HoldingState.Holding, now);
            }
        }
        partners.RemoveIfIdle(partner);
        return left;
    }

    /// <summary>A batch failed. Snapshots of what was in it follow after a delay.</summary>
    public void FailBatch(Partner partner, DateTimeOffset now)
    {
        partner.IsInFlight = false;
        var backoff = TimeSpan.FromSeconds(1 << Math.Min(partner.Failures++, 6));
        partner.RetryAt =
            now + (backoff < FederationLimits.MaxBatchBackoff ? backoff : FederationLimits.MaxBatchBackoff);
        foreach (var (order, _) in partner.InFlight)
        {
            if (PartOf(partner, order) is { State: HoldingState.Untried or HoldingState.Holding } part)
            {
                QueueSnapshot(partner, part.Row, part.Place, now);
            }
        }
        partner.InFlight.Clear();
        partners.RemoveIfIdle(partner);
    }

    /// <summary>A partner sent something valid. If it was lost, it gets snapshots again.</summary>
    public void MarkHeard(Partner partner, DateTimeOffset now)
    {
        partner.LastHeard = now;
        if (partner.CountOf(HoldingState.Lost) > 0)
        {
            foreach (var part in PartsOf(partner).Where(part => part.State == HoldingState.Lost))
            {
                SetState(partner, part, HoldingState.Untried, now);
                QueueSnapshot(partner, part.Row, part.Place, now + FederationLimits.FastShareDelay);
            }
        }
    }

    /// <summary>A partner holds an order: it sent something for it, or accepted a carry.</summary>
    public void MarkHolding(Partner partner, Hash32 order, DateTimeOffset now)
    {
        if (PartOf(partner, order) is not { } part)
        {
            return;
        }
        if (part.State is HoldingState.NotHolding or HoldingState.Lost)
        {
            QueueSnapshot(partner, part.Row, part.Place, now + FederationLimits.FastShareDelay);
        }
        SetState(partner, part, HoldingState.Holding, now);
    }

    /// <summary>A partner is dead. Its peers are forgotten until it is heard again.</summary>
    public void MarkLost(Partner partner, DateTimeOffset now)
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

    /// <summary>
    /// Compares a partner's boot number. A new one means that it restarted and lost the peers shared with it, so it
    /// gets snapshots.
    /// </summary>
    public void UpdateBoot(Partner partner, long boot, DateTimeOffset now)
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
        foreach (var part in PartsOf(partner).Where(part => part.State != HoldingState.NotHolding))
        {
            QueueSnapshot(partner, part.Row, part.Place, now + FederationLimits.FastShareDelay);
        }
    }

    /// <summary>Keeps a partner's record if it is the newest. The caller has verified it.</summary>
    public void UpdateRecord(Signed<NodeRecord> record)
    {
        if (
            partners.Find(record.Signer) is { } partner
            && record.Item.Role == NodeRole.Node
            && (partner.Record is null || partner.Record.Item.Seq < record.Item.Seq)
        )
        {
            partner.Record = record;
            partner.RetryAt = default;
        }
    }

    /// <summary>Any order held here that names a partner; null if none is found.</summary>
    public PlantEntry? AnyOrderOf(Partner partner) => partners.AnyOrderOf(partner);

    /// <summary>
    /// A partner's state for an order held here; null: it is not a candidate, or the order is not held.
    /// </summary>
    public HoldingState? StateOf(Partner partner, Hash32 order) => PartOf(partner, order)?.State;

    /// <summary>Forbids carrying an order to a partner before a time.</summary>
    public void DelayCarry(Partner partner, Hash32 order, DateTimeOffset until, DateTimeOffset now)
    {
        if (PartOf(partner, order) is { } part)
        {
            carryBackoff.Add(part.Row, partner, until, now);
        }
    }

    /// <summary>
    /// The candidates to which an order may be carried: they do not hold it, and no backoff is active.
    /// </summary>
    internal IReadOnlyList<Partner> CarryTargets(int row, DateTimeOffset now)
    {
        var targets = new List<Partner>();
        for (var place = 0; place < ledger[row].Candidates; place++)
        {
            if (
                Holdings.StateOf(row, place) == HoldingState.NotHolding
                && partners.At(ledger.CandidateAt(row, place)) is { } partner
                && !carryBackoff.IsActive(row, partner, now)
            )
            {
                targets.Add(partner);
            }
        }
        return targets;
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

    private void QueueChange(in SwarmChange change, DateTimeOffset now)
    {
        if (!AddressRules.MayShare(change.Peer.Address, network.AllowsPrivate))
        {
            return;
        }
        var rows = ledger.LiveRowsOf(change.Swarm);
        notified.Clear();
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            var age = now - DateTimeOffset.FromUnixTimeMilliseconds(ledger.SinceOf(row));
            var isFast =
                age < FederationLimits.NewSwarmAge
                || swarms.Totals(change.Swarm).Count < FederationLimits.SmallSwarmPeers;
            var due = now + (isFast ? FederationLimits.FastShareDelay : FederationLimits.SlowShareDelay);
            for (var place = 0; place < ledger[row].Candidates; place++)
            {
                var number = ledger.CandidateAt(row, place);
                if (
                    Holdings.StateOf(row, place) is { } state and (HoldingState.Holding or HoldingState.Untried)
                    && partners.At(number) is { } partner
                    && (rows.Count == 1 || notified.Add(number))
                )
                {
                    QueueChange(partner, new Part(row, place, state), change, due);
                }
            }
        }
    }

    private void QueueChange(Partner partner, Part part, in SwarmChange change, DateTimeOffset due)
    {
        // A pending snapshot makes other changes superfluous, but not the end of a peer that the partner may know.
        var isSnapshotPending = Holdings.IsSnapshotPending(part.Row, part.Place);
        if (isSnapshotPending && (!change.Gone || part.State == HoldingState.Untried))
        {
            return;
        }
        if (!partner.Pending.TryAdd((ledger[part.Row].Digest, change.Swarm), change, due))
        {
            QueueSnapshot(partner, part.Row, part.Place, due);
        }
    }

    private void QueueSnapshot(Partner partner, int row, int place, DateTimeOffset due)
    {
        if (Holdings.TrySetSnapshotPending(row, place, true))
        {
            partner.Snapshots.Add(row, due);
        }
    }

    private void AddSnapshots(Partner partner, BatchBuilder batch, DateTimeOffset now)
    {
        if (!partner.Snapshots.IsDue(now))
        {
            return;
        }
        bool IsPending(int row) => PartOf(partner, row) is { } part && Holdings.IsSnapshotPending(row, part.Place);
        while (partner.Snapshots.Next(ledger.Rows, IsPending) is >= 0 and var row)
        {
            var shares = new List<PeerShare>();
            var order = ledger[row].Digest;
            var both = ledger.SwarmsOf(row);
            for (var i = 0; i < both.Count; i++)
            {
                shares.Add(builder.Snapshot((order, both[i]), partner.Pending.Find((order, both[i]))));
            }
            if (!batch.TryAdd(shares))
            {
                return;
            }
            shares.ForEach(share => partner.Pending.Remove((share.Order, share.Swarm), out _));
            ClearSnapshotPending(partner, row, ledger.PlaceOf(row, partner.Number));
        }
    }

    private void ClearSnapshotPending(Partner partner, int row, int place)
    {
        if (Holdings.TrySetSnapshotPending(row, place, false))
        {
            partner.Snapshots.Remove();
        }
    }

    private static bool IsDue(Partner partner, DateTimeOffset now)
    {
        if (partner.IsInFlight || partner.Record is null || partner.RetryAt > now)
        {
            return false;
        }
        if (partner.Snapshots.IsDue(now) || partner.Pending.IsDue(now))
        {
            return true;
        }
        var needsHeartbeat = partner.Orders > partner.CountOf(HoldingState.NotHolding);
        return needsHeartbeat && partner.LastSent + FederationLimits.HeartbeatInterval <= now;
    }

    private void MarkNotHolding(Partner partner, Part part, NotHeldReason reason, DateTimeOffset now)
    {
        SetState(partner, part, HoldingState.NotHolding, now);
        carryBackoff.Remove(part.Row, partner);
        if (reason == NotHeldReason.Dropped)
        {
            carryBackoff.Add(part.Row, partner, now + FederationLimits.RejectedCarryBackoff, now);
        }
        ForgetOrder(partner, part.Row, part.Place);
    }

    private void ForgetOrder(Partner partner, int row, int place)
    {
        ClearSnapshotPending(partner, row, place);
        var both = ledger.SwarmsOf(row);
        for (var i = 0; i < both.Count; i++)
        {
            partner.Pending.Remove((ledger[row].Digest, both[i]), out _);
            ForgetShared(partner, both[i]);
        }
    }

    // Another order may share the same swarm with the same partner.
    private void ForgetShared(Partner partner, Hash20 swarm)
    {
        var rows = ledger.LiveRowsOf(swarm);
        if (!rows.Any(row => PartOf(partner, row)?.State == HoldingState.Holding))
        {
            partner.SharedAddresses.Remove(swarm);
            swarms.ForgetShared(swarm, partner.Id.Value);
        }
    }

    private void SetState(Partner partner, Part part, HoldingState state, DateTimeOffset now)
    {
        Holdings.SetState(part.Row, part.Place, state);
        partner.Count(part.State, state, now);
    }
}
