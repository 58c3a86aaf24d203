using Anatomic.Federation.Orders;
using Anatomic.Federation.Pages;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// Takes orders in and gives them up: decides on the ledger, makes the change durable, and only then tells the planter, the tracker
/// and the partners.
/// </summary>
internal sealed class PlantHandler(NodeCore core)
{
    private readonly OrderValidator judge = new(core.Options, core.Id, core.Reader, core.Ledger);

    /// <summary>Takes up all live orders after the start.</summary>
    public void Resume()
    {
        for (var row = 0; row < core.Ledger.Rows; row++)
        {
            if (core.Ledger[row].IsLive)
            {
                Hold(row);
            }
        }
    }

    /// <summary>Answers an offered order: a receipt once it is durable, or the refusal.</summary>
    public async Task<HttpResponse> PlantAsync(
        PlantSubmission offer,
        Endpoint from,
        string? token,
        CancellationToken stop
    )
    {
        // What the new order would replace is read first, so that judging and changing the ledger are one step.
        PlantEntry? older;
        StoredPlant? olderRow;
        OrderResult verdict;
        do
        {
            older = OlderThan(offer);
            olderRow = older is null ? null : await core.Store.ReadAsync(older.Digest, stop);
        } while (older != OlderThan(offer));
        verdict = judge.Judge(offer, from, token, core.Registration.WorkDemanded, core.Now);
        if (verdict is not { Status: 200, Order: { } order })
        {
            core.Counters.Refuse(verdict.Reason);
            core.Events.Refused(verdict.Reason);
            return await RefuseAsync(verdict, stop);
        }
        if (verdict.IsNew)
        {
            await AddAsync(order, verdict.Known, older, olderRow);
            core.Counters.OrdersTaken++;
        }
        else
        {
            await core.Store.SettleAsync();
        }
        var receipt = core.Signer.Sign(new Receipt(order.Digest, core.Id, core.Signer.NextSequence(core.Now)));
        return HttpResponses.Item(receipt.Raw);
    }

    /// <summary>Answers an unplant; the tombstone is durable then.</summary>
    public async Task<HttpResponse> UnplantAsync(UnplantSubmission offer, CancellationToken stop)
    {
        if (!core.Reader.TryRead<Unplant>(offer.Unplant, core.Now, out var unplant, out var fault))
        {
            return HttpResponses.Line(422, fault.ToString());
        }
        if (core.Ledger.Find(unplant.Item.Order) is { } known)
        {
            if (known.Signer != unplant.Signer)
            {
                return HttpResponses.Line(422, "the unplant is not signed by the key of its order");
            }
            return await EndAsync(unplant, stop)
                ? HttpResponses.Line(200, "done")
                : HttpResponses.Line(
                    503,
                    "this node's store has lost the order; restart the node, then send the order along"
                );
        }
        if (offer.Order is null)
        {
            return HttpResponses.Line(404, "this node does not know the order; send it along with the unplant");
        }
        if (
            !core.Reader.TryRead<PlantOrder>(offer.Order, core.Now, out var order, out fault)
            || order.Digest != unplant.Item.Order
            || order.Signer != unplant.Signer
        )
        {
            return HttpResponses.Line(422, fault?.ToString() ?? "the order sent along is not the one that is ended");
        }
        if (
            order.Item.PlaceOf(core.Id) < 0
            || Work.BitsOf(order, core.Options.Network.Name) < core.Options.Network.WorkFloor
        )
        {
            return HttpResponses.Line(409, "the order sent along does not name this node, or lacks its work");
        }
        var entry = core.Ledger.Put(EntryOf(order, ManifestOp.Unplanted) with { Reason = NotHeldReason.Unplanted });
        await core.Store.SaveAsync(
            [new StoredPlant(entry, order.Envelope, unplant.Envelope)],
            () => core.Ledger.Undo(entry.Digest, null)
        );
        return HttpResponses.Line(200, "done");
    }

    /// <summary>An unplant that a partner or a candidate showed.</summary>
    public async Task LearnAsync(SignedItem envelope, CancellationToken stop)
    {
        if (
            core.Reader.TryRead<Unplant>(envelope, core.Now, out var unplant, out _)
            && core.Ledger.Find(unplant.Item.Order) is { IsLive: true } known
            && known.Signer == unplant.Signer
        )
        {
            await EndAsync(unplant, stop);
        }
    }

    /// <summary>Gives an order up: expired, one too many, or refused by the operator.</summary>
    public Task DropAsync(PlantEntry entry, EndReason why, CancellationToken stop)
    {
        var told = why == EndReason.Replaced ? NotHeldReason.Replaced : NotHeldReason.Dropped;
        return ChangeAsync(
            entry.Digest,
            known => known with { Op = ManifestOp.Dropped, Reason = told },
            null,
            why,
            stop
        );
    }

    /// <summary>The order as it was signed; null when it is not live here.</summary>
    public async Task<SignedItem?> BodyAsync(Hash32 order, CancellationToken stop) =>
        core.Ledger.Find(order) is { IsLive: true } ? (await core.Store.ReadAsync(order, stop))?.Order : null;

    /// <summary>The unplant that ended an order; null when none did.</summary>
    public async Task<SignedItem?> UnplantOfAsync(Hash32 order, CancellationToken stop) =>
        core.Ledger.Find(order) is { Op: ManifestOp.Unplanted }
            ? (await core.Store.ReadAsync(order, stop))?.Unplant
            : null;

    private Task<bool> EndAsync(Signed<Unplant> unplant, CancellationToken stop) =>
        ChangeAsync(
            unplant.Item.Order,
            known => known with { Op = ManifestOp.Unplanted, Reason = NotHeldReason.Unplanted },
            unplant.Envelope,
            EndReason.Withdrawn,
            stop
        );

    /// <summary>False: the order's row is gone, and nothing is changed.</summary>
    private async Task<bool> ChangeAsync(
        Hash32 order,
        Func<PlantEntry, PlantEntry> change,
        SignedItem? unplant,
        EndReason why,
        CancellationToken stop
    )
    {
        if (await core.Store.ReadAsync(order, stop) is not { } row || core.Ledger.Find(order) is not { } before)
        {
            return false;
        }
        var after = change(before);
        if (before.Op == after.Op || before.Op == ManifestOp.Unplanted)
        {
            await core.Store.SettleAsync();
            return true;
        }
        var kept = core.Ledger.Put(after with { Since = core.Now.ToUnixTimeMilliseconds() });
        await core.Store.SaveAsync(
            [new StoredPlant(kept, row.Order, unplant ?? row.Unplant)],
            () => core.Ledger.Undo(order, before)
        );
        if (before.IsLive)
        {
            Release(before);
            core.Events.Ended(before, why);
        }
        return true;
    }

    private PlantEntry? OlderThan(PlantSubmission offer)
    {
        if (!PlantOrder.TryRead(offer.Order.Value, out var order, out _))
        {
            return null;
        }
        var newest = core.Ledger.NewestOf(offer.Order.Signer, order.Swarms[0]);
        return newest is { IsLive: true } && newest.At < order.At ? newest : null;
    }

    /// <summary>Holds an order that was checked, in the place of an older one of the same planter, and returns once it is durable.</summary>
    /// <param name="order">The order.</param>
    /// <param name="before">What the ledger knows of it; null: nothing.</param>
    /// <param name="older">What it replaces; null: nothing.</param>
    /// <param name="olderRow">That one's row.</param>
    public async Task AddAsync(Signed<PlantOrder> order, PlantEntry? before, PlantEntry? older, StoredPlant? olderRow)
    {
        var rows = new List<StoredPlant>();
        if (older is not null)
        {
            var ended = core.Ledger.Put(
                older with
                {
                    Op = ManifestOp.Dropped,
                    Reason = NotHeldReason.Replaced,
                    Since = core.Now.ToUnixTimeMilliseconds(),
                }
            );
            if (olderRow is not null)
            {
                rows.Add(olderRow with { Entry = ended });
            }
        }
        var entry = core.Ledger.Put(EntryOf(order, ManifestOp.Planted));
        rows.Add(new StoredPlant(entry, order.Envelope, null));
        await core.Store.SaveAsync(
            rows,
            () =>
            {
                core.Ledger.Undo(entry.Digest, before);
                if (older is not null)
                {
                    core.Ledger.Undo(older.Digest, older);
                }
            }
        );
        // Between the change and its being durable it may have been ended or replaced again.
        if (core.Ledger.Find(entry.Digest)?.Seq == entry.Seq)
        {
            Hold(core.Ledger.RowOf(entry.Digest));
        }
        core.Events.Taken(entry);
        if (older is not null)
        {
            Release(older);
            core.Events.Ended(older, EndReason.Replaced);
        }
    }

    private PlantEntry EntryOf(Signed<PlantOrder> order, ManifestOp op) =>
        PlantEntry.Of(order, op, core.Now.ToUnixTimeMilliseconds());

    private async Task<HttpResponse> RefuseAsync(OrderResult verdict, CancellationToken stop)
    {
        if (verdict.Status != 409)
        {
            return HttpResponses.Line(verdict.Status, verdict.Line);
        }
        var row = verdict.Known is null ? null : await core.Store.ReadAsync(verdict.Known.Digest, stop);
        var conflict = new PlantConflict(
            verdict.Line,
            verdict.Known?.Op == ManifestOp.Planted ? row?.Order : null,
            row?.Unplant
        );
        return HttpResponses.Bencoded(409, conflict.Write());
    }

    private void Hold(int row)
    {
        var swarms = core.Ledger.SwarmsOf(row);
        for (var i = 0; i < swarms.Count; i++)
        {
            core.Swarms.Admit(swarms[i]);
        }
        core.Book.Add(row, core.Now);
    }

    private void Release(PlantEntry entry)
    {
        core.Book.Remove(entry);
        foreach (var swarm in entry.Swarms)
        {
            if (!core.Ledger.IsHeld(swarm))
            {
                core.Swarms.Withdraw(swarm);
            }
        }
    }
}
