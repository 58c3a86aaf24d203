using Anatomic.Federation.Lookup;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>Follows the manifests of nodes and applies them to the index.</summary>
internal sealed class ManifestFollower(SupernodeCore core, MemberProber prober)
{
    /// <summary>
    /// Polls a node once: reads pages until the head of its manifest is reached or the time for one poll has passed.
    /// </summary>
    public async Task FollowAsync(Member member, CancellationToken stop)
    {
        var cursor = core.CursorOf(member.Id);
        var until = core.Now + FederationLimits.ManifestPollTime;
        var hasStartedOver = false;
        for (var pages = 0; pages == 0 || core.Now < until; pages++)
        {
            var proof = await prober.ProveAsync(member.Record, cursor.Epoch, cursor.Seq, stop);
            if (pages == 0)
            {
                core.Directory.RecordAnswer(member, core.Now, core.Entropy);
                await RefreshRecordAsync(member, proof.Head, stop);
            }
            if (cursor.MustStartOver(proof.Head, core.Now))
            {
                if (hasStartedOver)
                {
                    throw new NetworkException("its manifest starts over with every page");
                }
                hasStartedOver = true;
                cursor.StartOver(proof.Head.Epoch);
                continue;
            }
            if (cursor.HasGivenUp || !await ApplyPageAsync(member, cursor, proof, until, stop))
            {
                return;
            }
        }
    }

    /// <summary>
    /// Fetches a member's record when its manifest names a newer one. The record is proven before it counts.
    /// </summary>
    public async Task RefreshRecordAsync(Member member, ManifestHead head, CancellationToken stop)
    {
        if (head.RecordSeq <= member.Record.Item.Seq)
        {
            return;
        }
        try
        {
            var record = await prober.RecordAsync(member.Record, stop);
            var known = member.Record.Item;
            if (!record.Item.Addresses.SequenceEqual(known.Addresses) || !record.Item.Urls.SequenceEqual(known.Urls))
            {
                await prober.ProveNewAsync(record, core.Network.AllowsPrivate, stop);
            }
            if (record.Item.Role == member.Role && core.Directory.Admit(record, core.Now) == AdmissionOutcome.Admitted)
            {
                await core.Store.CommitAsync(SupernodeStore.PutMember(new StoreBatch(), member), stop);
            }
        }
        catch (NetworkException)
        {
            // The address of the old record still answers, so it stays. The next poll tries again.
        }
    }

    /// <summary>Applies a page; false when no further page must be read now.</summary>
    private async Task<bool> ApplyPageAsync(
        Member member,
        ManifestCursor cursor,
        Proof proof,
        DateTimeOffset until,
        CancellationToken stop
    )
    {
        if (proof.Entries.Count > 0 && proof.Entries[0].Seq <= cursor.Seq)
        {
            throw new NetworkException("its manifest goes backwards");
        }
        foreach (var slice in proof.Entries.Chunk(NetworkLimits.MaxRequestedDigests))
        {
            if (core.Now >= until)
            {
                return false;
            }
            var batch = new StoreBatch();
            await ApplyAsync(member, cursor, slice, batch, stop);
            await CommitAsync(batch, stop);
            if (cursor.Rejected.Count > FederationLimits.MaxRejectedPerNode)
            {
                cursor.GiveUp(core.Now);
                return false;
            }
        }
        if (proof.Entries.Count > 0 && proof.Entries[^1].Seq < proof.Head.Seq)
        {
            return true;
        }
        var last = new StoreBatch();
        await CompleteAsync(member, cursor, proof.Head, last, stop);
        await CommitAsync(last, stop);
        return false;
    }

    private ValueTask CommitAsync(StoreBatch batch, CancellationToken stop) =>
        batch.Changes.Count > 0 ? core.Store.CommitAsync(batch, stop) : ValueTask.CompletedTask;

    private async Task CompleteAsync(
        Member member,
        ManifestCursor cursor,
        ManifestHead head,
        StoreBatch batch,
        CancellationToken stop
    )
    {
        var whole = cursor.Complete(head, core.Now);
        if (whole is not null)
        {
            core.Index.KeepOnly(member.Id, whole);
            await core.Store.DropHeldAsync(batch, member.Id, whole, stop);
        }
        if (whole is not null || cursor.Seq != cursor.StoredSeq)
        {
            SupernodeStore.PutCursor(batch, member.Id, cursor);
            cursor.StoredSeq = cursor.Seq;
        }
    }

    private async Task ApplyAsync(
        Member member,
        ManifestCursor cursor,
        IReadOnlyList<ManifestEntry> entries,
        StoreBatch batch,
        CancellationToken stop
    )
    {
        var orders = await GetOrdersAsync(member, entries, batch, stop);
        foreach (var entry in entries)
        {
            var order = orders.GetValueOrDefault(entry.Order);
            if (entry.Op == ManifestOp.Planted)
            {
                AddEntry(member, cursor, entry.Order, order, batch);
            }
            else
            {
                RemoveEntry(member, cursor, entry.Order, order, batch);
            }
            cursor.AdvanceTo(entry.Seq);
        }
    }

    private void AddEntry(Member member, ManifestCursor cursor, Hash32 digest, StoredOrder? order, StoreBatch batch)
    {
        if (IsHeld(member, cursor, digest, order))
        {
            return;
        }
        cursor.Add(digest);
        var quota = core.Directory.QuotaOf(member.Id);
        if (order is null || order.Order.Item.PlaceOf(member.Id) < 0)
        {
            Reject(cursor, digest);
            return;
        }
        foreach (var swarm in order.Order.Item.Swarms)
        {
            if (core.Index.Add(member.Id, digest, swarm, order.FirstSeen, quota) == IndexOutcome.OverQuota)
            {
                Reject(cursor, digest);
                return;
            }
        }
        SupernodeStore.PutHeld(batch, member.Id, digest);
    }

    private void RemoveEntry(Member member, ManifestCursor cursor, Hash32 digest, StoredOrder? order, StoreBatch batch)
    {
        if (!IsHeld(member, cursor, digest, order))
        {
            return;
        }
        cursor.Remove(digest);
        cursor.Rejected.Remove(digest);
        foreach (var swarm in order?.Order.Item.Swarms ?? [])
        {
            core.Index.Remove(member.Id, digest, swarm);
        }
        SupernodeStore.DeleteHeld(batch, member.Id, digest);
    }

    private void Reject(ManifestCursor cursor, Hash32 digest)
    {
        cursor.Rejected.Add(digest);
        core.Counters.OrdersRejected++;
    }

    /// <summary>Whether the node holds the order, as far as its manifest has been read.</summary>
    private bool IsHeld(Member member, ManifestCursor cursor, Hash32 digest, StoredOrder? order)
    {
        if (cursor.IsStartingOver)
        {
            return cursor.HasListed(digest);
        }
        return cursor.Rejected.Contains(digest)
            || (order is not null && order.Order.Item.Swarms.All(swarm => core.Index.Holds(member.Id, digest, swarm)));
    }

    /// <summary>
    /// The orders of at most 512 entries. They come from the store, or from the node while it has room in the index;
    /// the latter are verified.
    /// </summary>
    private async Task<Dictionary<Hash32, StoredOrder>> GetOrdersAsync(
        Member member,
        IReadOnlyList<ManifestEntry> entries,
        StoreBatch batch,
        CancellationToken stop
    )
    {
        var orders = new Dictionary<Hash32, StoredOrder>();
        var missing = new List<Hash32>();
        var hasRoom = core.Index.CountOf(member.Id) < core.Directory.QuotaOf(member.Id);
        foreach (var entry in entries)
        {
            if (await core.Store.OrderAsync(entry.Order, core.Network.Name, stop) is { } known)
            {
                orders[entry.Order] = known;
            }
            else if (entry.Op == ManifestOp.Planted && hasRoom)
            {
                missing.Add(entry.Order);
            }
        }
        if (missing.Count == 0)
        {
            return orders;
        }
        var received = await prober.OrdersAsync(member.Record, missing, stop);
        var requested = missing.ToHashSet();
        var now = core.Now;
        // Verifying 512 signatures takes about 50 ms, too long for the loop.
        var valid = await core.World.Workers.RunAsync(() =>
            OrderRules.ReadValid(received, core.Reader, core.Network, now)
        );
        foreach (var order in valid.Where(order => requested.Contains(order.Digest)))
        {
            orders[order.Digest] = new StoredOrder(order, now);
            SupernodeStore.PutOrder(batch, order.Digest, now, order.Raw);
        }
        return orders;
    }
}
