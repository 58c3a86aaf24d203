using Anatomic.Federation.Lookup;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Planting;

/// <summary>The result of submitting one order to its candidates.</summary>
internal sealed record PlantOutcome(
    Signed<PlantOrder> Order,
    IReadOnlyList<PlantAttempt> Holders,
    IReadOnlyList<PlantAttempt> Rejections
)
{
    /// <summary>Whether a node holds an order of the same key that is as new or newer.</summary>
    public bool FoundNewer => Rejections.Any(attempt => attempt.NewerAt is not null);
}

/// <summary>
/// The step 'plant': signs one order and submits it down the candidate list until enough nodes hold it.
/// </summary>
internal sealed class OrderPlacement(
    IWorld world,
    SupernodeClient client,
    ItemSigner signer,
    CandidateSelection selection,
    int want
)
{
    private readonly PlantClient nodes = new(world, client);

    /// <summary>Signs an order and plants it.</summary>
    /// <param name="report">Called with a line for a person and the number of receipts so far.</param>
    public async Task<PlantOutcome> PlantAsync(
        IReadOnlyList<Hash20> swarms,
        Action<string, int> report,
        CancellationToken stop
    )
    {
        foreach (var known in selection.Orders.Where(known => known.Order.Signer == signer.Id))
        {
            signer.Observe(known.Order.Item.At);
        }
        var plain = new PlantOrder
        {
            Swarms = swarms,
            Candidates = [.. selection.Candidates.Select(record => record.Signer)],
            Want = Math.Min(want, selection.Candidates.Count),
            At = signer.NextSequence(world.Clock.GetUtcNow()),
        };
        var bits = WorkBits();
        report($"computing proof of work for the order ({bits} bits)", 0);
        var order = await new OrderBuilder(world, client.Network).BuildAsync(plain, signer, bits, stop);
        try
        {
            return await SubmitAsync(order, report, stop);
        }
        catch
        {
            // A node may hold the order although its receipt was lost, so all candidates are told.
            await RollBackAsync(order);
            throw;
        }
    }

    /// <summary>
    /// Ends the order at every candidate, also after the person pressed ^C. A renewal is not rolled back: it has
    /// already replaced the older order, and without both the torrent would be planted nowhere.
    /// </summary>
    public async Task RollBackAsync(Signed<PlantOrder> order)
    {
        if (selection.Orders.Any(known => known.Order.Signer == signer.Id))
        {
            return;
        }
        var unplant = signer.Sign(new Unplant(order.Digest, signer.NextSequence(world.Clock.GetUtcNow())));
        await Task.WhenAll(
            selection.Candidates.Select(node => nodes.UnplantAsync(node, unplant, order, CancellationToken.None))
        );
    }

    /// <summary>
    /// Ends older orders of the same key at nodes that do not hold the new one. Nodes that hold it have replaced them.
    /// </summary>
    public async Task EndOlderAsync(PlantOutcome planted)
    {
        foreach (var known in selection.Orders)
        {
            if (known.Order.Signer != signer.Id || known.Order.Digest == planted.Order.Digest)
            {
                continue;
            }
            var unplant = signer.Sign(new Unplant(known.Order.Digest, signer.NextSequence(world.Clock.GetUtcNow())));
            var remaining = known
                .Holders.Select(record => record.Signer)
                .Where(id => planted.Holders.All(holder => holder.Node.Signer != id));
            await Task.WhenAll(
                remaining.Select(id =>
                    nodes.UnplantAsync(selection.Records[id], unplant, known.Order, CancellationToken.None)
                )
            );
        }
    }

    private async Task<PlantOutcome> SubmitAsync(
        Signed<PlantOrder> order,
        Action<string, int> report,
        CancellationToken stop
    )
    {
        var holders = new List<PlantAttempt>();
        var rejections = new List<PlantAttempt>();
        for (var next = 0; next < selection.Candidates.Count && holders.Count < want; )
        {
            var count = Math.Min(want - holders.Count, selection.Candidates.Count - next);
            var group = selection.Candidates.Skip(next).Take(count);
            next += count;
            foreach (var attempt in await Task.WhenAll(group.Select(node => nodes.PlantAsync(node, order, stop))))
            {
                (attempt.Receipt is null ? rejections : holders).Add(attempt);
                var url = attempt.Node.Item.Urls[0];
                report(
                    attempt.Rejection is null ? $"planted on {url}" : $"not planted on {url}: {attempt.Rejection}",
                    holders.Count
                );
                signer.Observe(attempt.NewerAt ?? 0);
            }
        }
        return new PlantOutcome(order, holders, rejections);
    }

    /// <summary>The network's floor, or what the most demanding candidate requires beyond it.</summary>
    private int WorkBits()
    {
        var floor = client.Network.WorkFloor;
        var demanded = selection.Candidates.Max(record => record.Item.Work);
        return Math.Clamp(demanded, floor, floor + NetworkLimits.MaxExtraWorkBits);
    }
}
