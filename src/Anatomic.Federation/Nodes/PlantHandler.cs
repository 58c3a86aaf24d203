using Anatomic.Federation.Orders;
using Anatomic.Federation.Pages;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// Accepts, ends and drops orders. Each change is decided on the ledger and made durable; only then do the planter, the
/// tracker and the partners learn of it.
/// </summary>
internal sealed class PlantHandler(NodeCore core)
{
    private readonly OrderValidator validator = new(core.Options, core.Id, core.Reader, core.Ledger);

    /// <summary>Activates all live orders after a start.</summary>
    public void Resume()
    {
        for (var row = 0; row < core.Ledger.Rows; row++)
        {
            if (core.Ledger[row].IsLive)
            {
                Activate(row);
            }
        }
    }

    /// <summary>Answers <c>POST /plant</c>: with a receipt once the order is durable, or with a rejection.</summary>
    public async Task<HttpResponse> PlantAsync(IncomingOrder incoming, CancellationToken stop)
    {
        // The order to be replaced is read first. Nothing else then runs between validation and the change of the
        // ledger.
        PlantEntry? older;
        StoredPlant? storedOlder;
        do
        {
            older = FindOlder(incoming.Order);
            storedOlder = older is null ? null : await core.Store.ReadAsync(older.Digest, stop);
        } while (older != FindOlder(incoming.Order));
        var result = validator.Validate(incoming, core.Registration.WorkDemanded, core.Now);
        if (result.Status != 200)
        {
            CountRejection(result.Reason);
            return await RejectAsync(result, stop);
        }
        if (result.IsNew)
        {
            await AddAsync(incoming.Order, result.Known, older, storedOlder);
            core.Counters.OrdersAccepted++;
        }
        else
        {
            await core.Store.FlushAsync();
        }
        var receipt = new Receipt(incoming.Order.Digest, core.Id, core.Signer.NextSequence(core.Now));
        return HttpResponses.Item(core.Signer.Sign(receipt).Raw);
    }

    /// <summary>Answers a <c>POST /plant</c> whose body cannot be read.</summary>
    public HttpResponse RejectUnreadable(Fault fault)
    {
        CountRejection(OrderRejection.Unreadable);
        return HttpResponses.Text(422, fault.ToString());
    }

    /// <summary>Answers <c>POST /unplant</c>, once the tombstone is durable.</summary>
    public async Task<HttpResponse> UnplantAsync(UnplantSubmission submission, CancellationToken stop)
    {
        if (!core.Reader.TryRead<Unplant>(submission.Unplant, core.Now, out var unplant, out var fault))
        {
            return HttpResponses.Text(422, fault.ToString());
        }
        if (core.Ledger.Find(unplant.Item.Order) is { } known)
        {
            if (known.Signer != unplant.Signer)
            {
                return HttpResponses.Text(422, "the unplant is not signed by the key of its order");
            }
            return await EndAsync(unplant, stop)
                ? HttpResponses.Text(200, "done")
                : HttpResponses.Text(503, "this node's store lost the order; restart the node and send the order too");
        }
        return submission.Order is { } order
            ? await AddTombstoneAsync(unplant, order)
            : HttpResponses.Text(404, "this node does not know the order; send it with the unplant");
    }

    /// <summary>Applies an unplant that a partner or another candidate sent; an invalid one is ignored.</summary>
    public async Task ApplyUnplantAsync(SignedItem envelope, CancellationToken stop)
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

    /// <summary>Gives an order up.</summary>
    public Task DropAsync(PlantEntry entry, EndReason reason, CancellationToken stop)
    {
        var notHeld = reason == EndReason.Replaced ? NotHeldReason.Replaced : NotHeldReason.Dropped;
        return ChangeAsync(
            entry.Digest,
            known => known with { Op = ManifestOp.Dropped, Reason = notHeld },
            null,
            reason,
            stop
        );
    }

    /// <summary>A live order as it was signed; null when it is not live here.</summary>
    public async Task<SignedItem?> FindOrderAsync(Hash32 order, CancellationToken stop) =>
        core.Ledger.Find(order) is { IsLive: true } ? (await core.Store.ReadAsync(order, stop))?.Order : null;

    /// <summary>The unplant that ended an order; null without one.</summary>
    public async Task<SignedItem?> FindUnplantAsync(Hash32 order, CancellationToken stop) =>
        core.Ledger.Find(order) is { Op: ManifestOp.Unplanted }
            ? (await core.Store.ReadAsync(order, stop))?.Unplant
            : null;

    /// <summary>Holds a validated order and returns once it is durable.</summary>
    /// <param name="before">The order's own entry in the ledger; null without one.</param>
    /// <param name="older">The order of the same planter that it replaces; null without one.</param>
    /// <param name="storedOlder">The stored form of <paramref name="older"/>.</param>
    public async Task AddAsync(
        Signed<PlantOrder> order,
        PlantEntry? before,
        PlantEntry? older,
        StoredPlant? storedOlder
    )
    {
        var changed = new List<StoredPlant>();
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
            if (storedOlder is not null)
            {
                changed.Add(storedOlder with { Entry = ended });
            }
        }
        var entry = core.Ledger.Put(EntryOf(order, ManifestOp.Planted));
        changed.Add(new StoredPlant(entry, order.Envelope, null));
        await core.Store.SaveAsync(
            changed,
            () =>
            {
                core.Ledger.Undo(entry.Digest, before);
                if (older is not null)
                {
                    core.Ledger.Undo(older.Digest, older);
                }
            }
        );
        // While the commit was in flight, the order may have been ended or replaced.
        if (core.Ledger.Find(entry.Digest)?.Seq == entry.Seq)
        {
            Activate(core.Ledger.RowOf(entry.Digest));
        }
        core.Events.Accepted(entry);
        if (older is not null)
        {
            Deactivate(older);
            core.Events.Ended(older, EndReason.Replaced);
        }
    }

    /// <summary>Keeps the tombstone of an order that this node never held.</summary>
    private async Task<HttpResponse> AddTombstoneAsync(Signed<Unplant> unplant, SignedItem envelope)
    {
        if (
            !core.Reader.TryRead<PlantOrder>(envelope, core.Now, out var order, out var fault)
            || order.Digest != unplant.Item.Order
            || order.Signer != unplant.Signer
        )
        {
            return HttpResponses.Text(422, fault?.ToString() ?? "the order is not the one that the unplant ends");
        }
        if (
            order.Item.PlaceOf(core.Id) < 0
            || Work.BitsOf(order, core.Options.Network.Name) < core.Options.Network.WorkFloor
        )
        {
            return HttpResponses.Text(409, "the order does not name this node, or lacks its work");
        }
        var entry = core.Ledger.Put(EntryOf(order, ManifestOp.Unplanted) with { Reason = NotHeldReason.Unplanted });
        await core.Store.SaveAsync(
            [new StoredPlant(entry, order.Envelope, unplant.Envelope)],
            () => core.Ledger.Undo(entry.Digest, null)
        );
        return HttpResponses.Text(200, "done");
    }

    private Task<bool> EndAsync(Signed<Unplant> unplant, CancellationToken stop) =>
        ChangeAsync(
            unplant.Item.Order,
            known => known with { Op = ManifestOp.Unplanted, Reason = NotHeldReason.Unplanted },
            unplant.Envelope,
            EndReason.Withdrawn,
            stop
        );

    /// <summary>Changes an order's entry; false when its stored form is lost, and then nothing changes.</summary>
    private async Task<bool> ChangeAsync(
        Hash32 order,
        Func<PlantEntry, PlantEntry> change,
        SignedItem? unplant,
        EndReason reason,
        CancellationToken stop
    )
    {
        if (await core.Store.ReadAsync(order, stop) is not { } stored || core.Ledger.Find(order) is not { } before)
        {
            return false;
        }
        var after = change(before);
        if (before.Op == after.Op || before.Op == ManifestOp.Unplanted)
        {
            await core.Store.FlushAsync();
            return true;
        }
        var entry = core.Ledger.Put(after with { Since = core.Now.ToUnixTimeMilliseconds() });
        await core.Store.SaveAsync(
            [new StoredPlant(entry, stored.Order, unplant ?? stored.Unplant)],
            () => core.Ledger.Undo(order, before)
        );
        if (before.IsLive)
        {
            Deactivate(before);
            core.Events.Ended(before, reason);
        }
        return true;
    }

    /// <summary>The live, older order of the same planter and torrent; null without one.</summary>
    private PlantEntry? FindOlder(Signed<PlantOrder> order)
    {
        var newest = core.Ledger.NewestOf(order.Signer, order.Item.Swarms[0]);
        return newest is { IsLive: true } && newest.At < order.Item.At ? newest : null;
    }

    private PlantEntry EntryOf(Signed<PlantOrder> order, ManifestOp op) =>
        PlantEntry.Of(order, op, core.Now.ToUnixTimeMilliseconds());

    private void CountRejection(OrderRejection reason)
    {
        core.Counters.Reject(reason);
        core.Events.Rejected(reason);
    }

    private async Task<HttpResponse> RejectAsync(OrderResult result, CancellationToken stop)
    {
        if (result.Status != 409)
        {
            return HttpResponses.Text(result.Status, result.Message);
        }
        var stored = result.Known is null ? null : await core.Store.ReadAsync(result.Known.Digest, stop);
        var conflict = new PlantConflict(
            result.Message,
            result.Known?.Op == ManifestOp.Planted ? stored?.Order : null,
            stored?.Unplant
        );
        return HttpResponses.Bencoded(409, conflict.Write());
    }

    /// <summary>From now on the tracker serves the order's swarms, and their peers are shared.</summary>
    private void Activate(int row)
    {
        var swarms = core.Ledger.SwarmsOf(row);
        for (var i = 0; i < swarms.Count; i++)
        {
            core.Swarms.Admit(swarms[i]);
        }
        core.Sharing.Add(row, core.Now);
    }

    private void Deactivate(PlantEntry entry)
    {
        core.Sharing.Remove(entry);
        foreach (var swarm in entry.Swarms)
        {
            if (!core.Ledger.IsHeld(swarm))
            {
                core.Swarms.Withdraw(swarm);
            }
        }
    }
}
