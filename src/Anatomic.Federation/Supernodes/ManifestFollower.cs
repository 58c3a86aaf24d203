using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Supernodes;

/// <summary>Follows the manifests of nodes into the index.</summary>
internal sealed class ManifestFollower(SupernodeCore core, MemberProber prober)
{
    /// <summary>One poll of a node: all pages until its manifest's head is reached.</summary>
    public async Task FollowAsync(Member member, CancellationToken stop)
    {
        var cursor = core.CursorOf(member.Id);
        for (var pages = 0; pages < SupernodeLimits.MaxPagesAPoll; pages++)
        {
            var proof = await prober.ProveAsync(member.Record, cursor.Epoch, cursor.Seq, stop);
            if (pages == 0)
            {
                core.Directory.Answered(member, core.Now, core.Entropy);
                await RefreshRecordAsync(member, proof.Head, stop);
            }
            if (cursor.MustStartOver(proof.Head, core.Now))
            {
                cursor.StartOver(proof.Head.Epoch);
                continue;
            }
            var batch = new StoreBatch();
            await ApplyAsync(member, cursor, proof.Entries, batch, stop);
            var last = proof.Entries.Count == 0 || proof.Entries[^1].Seq >= proof.Head.Seq;
            if (last)
            {
                await CompleteAsync(member, cursor, proof.Head, batch, stop);
            }
            if (batch.Changes.Count > 0)
            {
                await core.Store.CommitAsync(batch, stop);
            }
            if (last)
            {
                return;
            }
        }
    }

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
            if (Member.AddressOf(record.Item) != member.Address || record.Item.Urls[0] != member.Record.Item.Urls[0])
            {
                await prober.ProveAsync(record, 0, 0, stop);
            }
            if (record.Item.Role == member.Role && core.Directory.Adopt(record, core.Now) == AdoptOutcome.Taken)
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
        var before = cursor.Seq;
        var whole = cursor.Complete(head, core.Now);
        if (whole is not null)
        {
            core.Index.KeepOnly(member.Id, whole);
            await core.Store.DropHeldAsync(batch, member.Id, whole, stop);
        }
        if (whole is not null || batch.Changes.Count > 0 || before != cursor.Seq)
        {
            SupernodeStore.PutCursor(batch, member.Id, cursor);
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

    /// <summary>The orders of a page: those that the store has, and the missing ones of those planted from the node, checked.</summary>
    private async Task<Dictionary<Hash32, StoredOrder>> BodiesAsync(
        Member member,
        IReadOnlyList<ManifestEntry> entries,
        StoreBatch batch,
        CancellationToken stop
    )
    {
        var orders = new Dictionary<Hash32, StoredOrder>();
        var missing = new List<Hash32>();
        foreach (var entry in entries)
        {
            if (await core.Store.OrderAsync(entry.Order, core.Network.Name, stop) is { } known)
            {
                orders[entry.Order] = known;
            }
            else if (entry.Op == ManifestOp.Planted)
            {
                missing.Add(entry.Order);
            }
        }
        foreach (var digests in missing.Chunk(NetworkLimits.MaxDigestsAsked))
        {
            var bodies = await prober.OrdersAsync(member.Record, digests, stop);
            var wanted = digests.ToHashSet();
            var now = core.Now;
            // Checking 512 signatures takes some 50 ms: not on the loop.
            var good = await core.World.Workers.RunAsync(() =>
                OrderRules.Check(bodies, core.Reader, core.Network, now)
            );
            foreach (var order in good.Where(order => wanted.Contains(order.Digest)))
            {
                orders[order.Digest] = new StoredOrder(order, now);
                SupernodeStore.PutOrder(batch, order.Digest, now, order.Raw);
            }
        }
        return orders;
    }
}
