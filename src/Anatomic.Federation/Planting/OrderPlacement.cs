using Anatomic.Federation.Lookup;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Planting;

/// <summary>What a round of offers gave.</summary>
internal sealed record PlantOutcome(
    Signed<PlantOrder> Order,
    IReadOnlyList<PlantAttempt> Holders,
    IReadOnlyList<PlantAttempt> Refusals
)
{
    /// <summary>A node holds an order of the same key that is as new or newer.</summary>
    public bool MetNewer => Refusals.Any(answer => answer.NewerAt is not null);
}

/// <summary>The step 'plant': one order, offered down the candidates until enough hold it.</summary>
internal sealed class OrderPlacement(
    IWorld world,
    SupernodeClient client,
    ItemSigner signer,
    CandidateSelection choice,
    int want
)
{
    private readonly PlantClient offers = new(world, client);

    public async Task<PlantOutcome> PlantAsync(
        IReadOnlyList<Hash20> swarms,
        Action<string, int> tell,
        CancellationToken stop
    )
    {
        foreach (var known in choice.Orders.Where(known => known.Order.Signer == signer.Id))
        {
            signer.Saw(known.Order.Item.At);
        }
        var plain = new PlantOrder
        {
            Swarms = swarms,
            Candidates = [.. choice.Candidates.Select(record => record.Signer)],
            Want = Math.Min(want, choice.Candidates.Count),
            At = signer.NextSequence(world.Clock.GetUtcNow()),
        };
        var bits = WorkBits();
        tell($"doing the order's work of {bits} bits", 0);
        var order = await new OrderBuilder(world, client.Network).MakeAsync(plain, signer, bits, stop);
        var holders = new List<PlantAttempt>();
        var refusals = new List<PlantAttempt>();
        try
        {
            for (var next = 0; next < choice.Candidates.Count && holders.Count < want; )
            {
                var count = Math.Min(want - holders.Count, choice.Candidates.Count - next);
                var asked = choice.Candidates.Skip(next).Take(count);
                next += count;
                foreach (var answer in await Task.WhenAll(asked.Select(node => offers.OfferAsync(node, order, stop))))
                {
                    (answer.Receipt is null ? refusals : holders).Add(answer);
                    var url = answer.Node.Item.Urls[0];
                    tell(answer.Refusal is null ? $"{url} holds it" : $"{url} passes: {answer.Refusal}", holders.Count);
                    signer.Saw(answer.NewerAt ?? 0);
                }
            }
        }
        catch
        {
            // A node may have taken it and not been heard: all that were asked are told.
            await TakeBackAsync(order);
            throw;
        }
        return new PlantOutcome(order, holders, refusals);
    }

    /// <summary>
    /// Ends the order at every candidate, so that nothing half-done stays, even when the person has pressed ^C. A renewal stays:
    /// it has replaced the older order, and without either the torrent would be planted nowhere.
    /// </summary>
    public async Task TakeBackAsync(Signed<PlantOrder> order)
    {
        if (choice.Orders.Any(known => known.Order.Signer == signer.Id))
        {
            return;
        }
        var unplant = signer.Sign(new Unplant(order.Digest, signer.NextSequence(world.Clock.GetUtcNow())));
        await Task.WhenAll(
            choice.Candidates.Select(node => offers.WithdrawAsync(node, unplant, order, CancellationToken.None))
        );
    }

    /// <summary>Older orders of the same key end where they are still held; those that hold the new one have replaced them.</summary>
    public async Task EndOlderAsync(PlantOutcome planted)
    {
        foreach (var known in choice.Orders)
        {
            if (known.Order.Signer != signer.Id || known.Order.Digest == planted.Order.Digest)
            {
                continue;
            }
            var unplant = signer.Sign(new Unplant(known.Order.Digest, signer.NextSequence(world.Clock.GetUtcNow())));
            var left = known.Holders.Where(id => planted.Holders.All(holder => holder.Node.Signer != id));
            await Task.WhenAll(
                left.Select(id =>
                    offers.WithdrawAsync(choice.Records[id], unplant, known.Order, CancellationToken.None)
                )
            );
        }
    }

    /// <summary>What the network asks for, and what the hardest of the candidates demands beyond it.</summary>
    private int WorkBits()
    {
        var floor = client.Network.WorkFloor;
        var demanded = choice.Candidates.Max(record => record.Item.Work);
        return Math.Clamp(demanded, floor, floor + NetworkLimits.MaxExtraWorkBits);
    }
}
