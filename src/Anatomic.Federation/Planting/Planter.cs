using Anatomic.Federation.Lookup;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Planting;

/// <summary>
/// Plants torrents: choose → plant → notify → write. Planting again renews: the same key signs, the higher time wins, and the
/// candidates are chosen afresh.
/// </summary>
/// <param name="world">The world.</param>
/// <param name="key">The planter's master key.</param>
public sealed class Planter(IWorld world, PlanterKey key)
{
    private const int Attempts = 2;

    /// <summary>Plants a torrent, or renews it when this planter has planted it before.</summary>
    /// <param name="torrent">The torrent; its bytes are left as they are.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told of every step, on the caller's loop.</param>
    /// <param name="stop">Ends it; what was planted until then is taken back.</param>
    /// <returns>The new file and link; writing them is the caller's matter.</returns>
    /// <exception cref="PlantException">It was not planted; nothing half-done is left behind.</exception>
    public async Task<PlantResult> PlantAsync(
        TorrentMetainfo torrent,
        PlantOptions options,
        Action<PlantProgress> progress,
        CancellationToken stop
    )
    {
        var client = ClientOf(options.Network);
        CheckTorrent(torrent, options);
        var remarks = new List<string>();
        void Tell(PlantStep step, string text, int done) =>
            progress(new PlantProgress(step, text, done, options.Nodes));

        Tell(PlantStep.Choose, "asking supernodes for the best nodes", 0);
        var swarms = torrent.Info.SwarmIds;
        var choice = await new CandidateSelector(world, client).ChooseAsync(
            swarms,
            Supernodes(torrent, options.Supernodes),
            remarks,
            stop
        );
        if (choice.Candidates.Count == 0)
        {
            throw new PlantException(
                PlantFault.NoNode,
                "the network has no node that may hold this torrent yet; a new node is on probation for a day, but not in local- networks"
            );
        }
        Tell(PlantStep.Choose, $"{choice.Candidates.Count} nodes may hold it", 0);

        var signer = key.SignerOf(world.Signatures, client.Network.Name, swarms[0]);
        var round = new OrderPlacement(world, client, signer, choice, options.Nodes);
        var planted = await PlantAsync(
            round,
            torrent,
            (text, done) => Tell(PlantStep.Plant, text, done),
            remarks,
            stop
        );
        try
        {
            var result = await FinishAsync(torrent, options, choice, planted, client, Tell, remarks, stop);
            if (options.Write is { } write)
            {
                await write(result, stop);
            }
            await round.EndOlderAsync(planted);
            return result;
        }
        catch
        {
            await round.TakeBackAsync(planted.Order);
            throw;
        }
    }

    /// <summary>The same as planting, but only for a torrent that this planter has planted.</summary>
    /// <exception cref="PlantException"><see cref="PlantFault.NotOurs"/>, or as for planting.</exception>
    public Task<PlantResult> RenewAsync(
        TorrentMetainfo torrent,
        PlantOptions options,
        Action<PlantProgress> progress,
        CancellationToken stop
    )
    {
        var client = ClientOf(options.Network);
        var signer = key.SignerOf(world.Signatures, client.Network.Name, torrent.Info.SwarmIds[0]);
        if (OrderIn(torrent, client) is not { } order)
        {
            throw new PlantException(PlantFault.NotOurs, "this torrent was never planted; use plant");
        }
        if (order.Signer != signer.Id)
        {
            throw new PlantException(
                PlantFault.NotOurs,
                "this torrent was planted with another key; import that one, or plant it anew"
            );
        }
        return PlantAsync(torrent, options with { PrivateOk = true }, progress, stop);
    }

    /// <summary>Takes a torrent back: every order that this planter has signed for it ends for ever, at all nodes that can be reached.</summary>
    /// <param name="torrent">The torrent, as planting has written it or as it was before.</param>
    /// <param name="options">The network and the supernodes; those named in the torrent are asked, too.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="PlantException">No order of this planter was found, or nobody was reached.</exception>
    public async Task<UnplantResult> UnplantAsync(TorrentMetainfo torrent, PlantOptions options, CancellationToken stop)
    {
        var client = ClientOf(options.Network);
        var swarms = torrent.Info.SwarmIds;
        var signer = key.SignerOf(world.Signatures, client.Network.Name, swarms[0]);
        var choice = await new CandidateSelector(world, client).ChooseAsync(
            swarms,
            Supernodes(torrent, options.Supernodes),
            [],
            stop
        );
        var orders = new SortedDictionary<Hash32, KnownOrder>();
        foreach (var known in choice.Orders.Where(known => known.Order.Signer == signer.Id))
        {
            orders[known.Order.Digest] = known;
        }
        if (OrderIn(torrent, client) is { } written && written.Signer == signer.Id)
        {
            orders.TryAdd(written.Digest, new KnownOrder(written, []));
        }
        if (orders.Count == 0)
        {
            throw new PlantException(
                PlantFault.NotOurs,
                "no order by this planter's key was found for this torrent; only who planted it can take it back"
            );
        }
        return await new Unplanter(world, client, signer, choice).EndAsync([.. orders.Values], stop);
    }

    /// <summary>Receipts, or an exception; a second try follows when a newer order of the same key stands in the way.</summary>
    private static async Task<PlantOutcome> PlantAsync(
        OrderPlacement round,
        TorrentMetainfo torrent,
        Action<string, int> tell,
        List<string> remarks,
        CancellationToken stop
    )
    {
        PlantOutcome planted;
        var attempt = 0;
        do
        {
            planted = await round.PlantAsync(torrent.Info.SwarmIds, tell, stop);
        } while (planted.Holders.Count == 0 && planted.MetNewer && ++attempt < Attempts);
        foreach (var refused in planted.Refusals)
        {
            remarks.Add($"{refused.Node.Item.Urls[0]}: {refused.Refusal}");
        }
        if (planted.Holders.Count > 0)
        {
            return planted;
        }
        var first = planted.Refusals[0];
        throw planted.Refusals.Any(answer => answer.Answered)
            ? new PlantException(
                PlantFault.Refused,
                $"none of {planted.Refusals.Count} nodes took the order; {first.Node.Item.Urls[0]} says: {first.Refusal}"
            )
            : new PlantException(
                PlantFault.OutOfReach,
                $"none of {planted.Refusals.Count} nodes answers; {first.Node.Item.Urls[0]}: {first.Refusal}"
            );
    }

    private static async Task<PlantResult> FinishAsync(
        TorrentMetainfo torrent,
        PlantOptions options,
        CandidateSelection choice,
        PlantOutcome planted,
        SupernodeClient client,
        Action<PlantStep, string, int> tell,
        List<string> remarks,
        CancellationToken stop
    )
    {
        var count = planted.Holders.Count;
        if (count < options.Nodes)
        {
            remarks.Add($"{count} of the {options.Nodes} nodes wanted hold it; plant again later for more");
        }
        var post = new ReceiptsRequest(
            planted.Order.Envelope,
            [.. planted.Holders.Select(holder => holder.Receipt!.Envelope)]
        );
        var told = await Task.WhenAll(choice.Told.Select(supernode => TellAsync(client, supernode, post, stop)));
        var failures = told.OfType<string>().ToArray();
        remarks.AddRange(failures);
        stop.ThrowIfCancellationRequested();
        tell(PlantStep.Notify, $"{told.Length - failures.Length} of {told.Length} supernodes know", count);

        var (bytes, magnet) = PlantedTorrentWriter.Write(
            torrent,
            planted.Order,
            planted.Holders,
            choice.Told,
            options.ReplaceTrackers
        );
        tell(PlantStep.Write, "the new torrent names its trackers", count);
        return new PlantResult(
            bytes,
            magnet,
            planted.Order.Digest,
            [
                .. planted.Holders.Select(holder => new PlantHolder(
                    holder.Node.Signer,
                    AnnounceUrls.Of(holder.Node.Item)
                )),
            ],
            options.Nodes,
            [.. choice.Told.Select(supernode => supernode.ToString())],
            remarks
        );
    }

    private static async Task<string?> TellAsync(
        SupernodeClient client,
        SupernodeAddress supernode,
        ReceiptsRequest post,
        CancellationToken stop
    )
    {
        try
        {
            await client.TellAsync(supernode.Url, post, stop);
            return null;
        }
        catch (NetworkException e)
        {
            return $"{supernode.Url} was not told and finds out by itself: {e.Message}";
        }
    }

    private static void CheckTorrent(TorrentMetainfo torrent, PlantOptions options)
    {
        if (options.Nodes is < 1 or > NetworkLimits.MaxCandidates)
        {
            throw new PlantException(
                PlantFault.Argument,
                $"a torrent is held by 1 to {NetworkLimits.MaxCandidates} nodes"
            );
        }
        if (torrent.Info.IsPrivate && !options.PrivateOk)
        {
            throw new PlantException(
                PlantFault.Private,
                "this torrent is private: its peers may come from its own trackers only; plant it with --private-ok if they agree"
            );
        }
    }

    private SupernodeClient ClientOf(string network) =>
        NetworkName.TryParse(network, out var name, out var fault)
            ? new SupernodeClient(world, new NetworkOptions { Name = name })
            : throw new PlantException(PlantFault.Argument, fault.ToString());

    /// <summary>Those given, then those that the torrent names.</summary>
    private static IReadOnlyList<string> Supernodes(TorrentMetainfo torrent, IReadOnlyList<string> given)
    {
        var named =
            torrent.Anatomic is { } value && TorrentPlanting.TryRead(value.Raw, out var planting, out _)
                ? planting.Supernodes.Select(supernode => supernode.ToString())
                : [];
        return [.. given.Concat(named).Distinct()];
    }

    private Signed<PlantOrder>? OrderIn(TorrentMetainfo torrent, SupernodeClient client) =>
        torrent.Anatomic is { } value
        && TorrentPlanting.TryRead(value.Raw, out var planting, out _)
        && client.Reader.TryRead<PlantOrder>(planting.Order, world.Clock.GetUtcNow(), out var order, out _)
        && order.Item.Swarms[0] == torrent.Info.SwarmIds[0]
            ? order
            : null;
}
