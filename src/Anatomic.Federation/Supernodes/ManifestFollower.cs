using Anatomic.Federation.Lookup;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>Follows the manifests of nodes into the index.</summary>
internal sealed class ManifestFollower(SupernodeCore core, MemberProber prober)
{
    /// <summary>One poll of a node: pages until its manifest's head is reached, or the time for one poll is over.</summary>
    public async Task FollowAsync(Member member, CancellationToken stop)
    {
        var cursor = core.CursorOf(member.Id);
        var until = core.Now + SupernodeLimits.FollowFor;
        var isNewList = false;
        for (var pages = 0; pages == 0 || core.Now < until; pages++)
        {
            var proof = await prober.ProveAsync(member.Record, cursor.Epoch, cursor.Seq, stop);
            if (pages == 0)
            {
                core.Directory.Answered(member, core.Now, core.Entropy);
                await RefreshRecordAsync(member, proof.Head, stop);
            }
            if (cursor.MustStartOver(proof.Head, core.Now))
            {
                if (isNewList)
                {
                    throw new NetworkException("its manifest begins anew with every page");
                }
                isNewList = true;
                cursor.StartOver(proof.Head.Epoch);
                continue;
            }
            if (cursor.HasGivenUp || !await TakePageAsync(member, cursor, proof, until, stop))
            {
                return;
            }
        }
    }

    /// <summary>False: that was the last page for now.</summary>
    private async Task<bool> TakePageAsync(
        Member member,
        ManifestCursor cursor,
        Proof proof,
        DateTimeOffset until,
        CancellationToken stop
    )
    {
        if (proof.Entries.Count > 0 && proof.Entries[0].Seq <= cursor.Seq)
        {
            throw new NetworkException("its manifest goes in circles");
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
            if (cursor.Refused.Count > SupernodeLimits.MaxRefusedANode)
            {
                cursor.GiveUp(core.Now);
                return false;
            }
        }
        if (proof.Entries.Count > 0 && proof.Entries[^1].Seq < proof.Head.Seq)
        {
            return true;
        }
        var end = new StoreBatch();
        await CompleteAsync(member, cursor, proof.Head, end, stop);
        await CommitAsync(end, stop);
        return false;
    }

    private ValueTask CommitAsync(StoreBatch batch, CancellationToken stop) =>
        batch.Changes.Count > 0 ? core.Store.CommitAsync(batch, stop) : ValueTask.CompletedTask;

    /// <summary>A member that says that its record has changed is asked for the new one, which is proven before it counts.</summary>
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
            if (record.Item.Role == member.Role && core.Directory.Adopt(record, core.Now) == AdmissionOutcome.Taken)
            {
                await core.Store.CommitAsync(SupernodeStore.PutMember(new StoreBatch(), member), stop);
            }
        }
        catch (NetworkException)
        {
            // The old record's address still answers: it stays as it is, and the next poll tries again.
        }
    }

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
        if (whole is not null || cursor.Seq != cursor.KeptSeq)
        {
            SupernodeStore.PutCursor(batch, member.Id, cursor);
            cursor.KeptSeq = cursor.Seq;
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
        var orders = await BodiesAsync(member, entries, batch, stop);
        foreach (var entry in entries)
        {
            var order = orders.GetValueOrDefault(entry.Order);
            if (entry.Op == ManifestOp.Planted)
            {
                Gain(member, cursor, entry.Order, order, batch);
            }
            else
            {
                Lose(member, cursor, entry.Order, order, batch);
            }
            cursor.Reached(entry.Seq);
        }
    }

    private void Gain(Member member, ManifestCursor cursor, Hash32 digest, StoredOrder? order, StoreBatch batch)
    {
        if (IsHeld(member, cursor, digest, order))
        {
            return;
        }
        cursor.Gained(digest);
        var quota = core.Directory.QuotaOf(member.Id);
        if (order is null || order.Order.Item.PlaceOf(member.Id) < 0)
        {
            Refuse(cursor, digest);
            return;
        }
        foreach (var swarm in order.Order.Item.Swarms)
        {
            if (core.Index.Add(member.Id, digest, swarm, order.FirstSeen, quota) == IndexOutcome.OverQuota)
            {
                Refuse(cursor, digest);
                return;
            }
        }
        SupernodeStore.PutHeld(batch, member.Id, digest);
    }

    private void Lose(Member member, ManifestCursor cursor, Hash32 digest, StoredOrder? order, StoreBatch batch)
    {
        if (!IsHeld(member, cursor, digest, order))
        {
            return;
        }
        cursor.Lost(digest);
        cursor.Refused.Remove(digest);
        foreach (var swarm in order?.Order.Item.Swarms ?? [])
        {
            core.Index.Remove(member.Id, digest, swarm);
        }
        SupernodeStore.DeleteHeld(batch, member.Id, digest);
    }

    private void Refuse(ManifestCursor cursor, Hash32 digest)
    {
        cursor.Refused.Add(digest);
        core.Counters.OrdersRefused++;
    }

    /// <summary>Whether the node holds the order by what was taken of its manifest so far.</summary>
    private bool IsHeld(Member member, ManifestCursor cursor, Hash32 digest, StoredOrder? order)
    {
        if (cursor.StartingOver)
        {
            return cursor.HasListed(digest);
        }
        return cursor.Refused.Contains(digest)
            || (order is not null && order.Order.Item.Swarms.All(swarm => core.Index.Holds(member.Id, digest, swarm)));
    }

    /// <summary>
    /// The orders of at most 512 entries: those that the store has, and the missing ones of those planted from the node, checked;
    /// but none while the node has no room in the index.
    /// </summary>
    private async Task<Dictionary<Hash32, StoredOrder>> BodiesAsync(
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
        var bodies = await prober.OrdersAsync(member.Record, missing, stop);
        var wanted = missing.ToHashSet();
        var now = core.Now;
        // Checking 512 signatures takes some 50 ms: not on the loop.
        var good = await core.World.Workers.RunAsync(() => OrderRules.Check(bodies, core.Reader, core.Network, now));
        foreach (var order in good.Where(order => wanted.Contains(order.Digest)))
        {
            orders[order.Digest] = new StoredOrder(order, now);
            SupernodeStore.PutOrder(batch, order.Digest, now, order.Raw);
        }
        return orders;
    }
}
