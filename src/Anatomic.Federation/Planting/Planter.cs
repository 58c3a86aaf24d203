using Anatomic.Federation.Lookup;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Metainfo;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Planting;

/// <summary>
/// Plants torrents in four steps: choose → plant → notify → write. Planting again renews: the same key signs, the
/// higher time wins, and the candidates are chosen afresh.
/// </summary>
/// <param name="key">The planter's master key.</param>
public sealed class Planter(IWorld world, PlanterKey key)
{
    private const int MaxAttempts = 2;

    /// <summary>Plants a torrent, or renews it when this planter has planted it before.</summary>
    /// <param name="torrent">The torrent; its own bytes do not change.</param>
    /// <param name="progress">Called for every step, on the caller's loop.</param>
    /// <param name="stop">Cancels planting; what was planted so far is rolled back.</param>
    /// <returns>The new file and link; the caller writes them unless the options do.</returns>
    /// <exception cref="PlantException">The torrent was not planted, and nothing partial remains.</exception>
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
        void Report(PlantStep step, string text, int done) =>
            progress(new PlantProgress(step, text, done, options.Nodes));

        Report(PlantStep.Choose, "asking supernodes for the best nodes", 0);
        var swarms = torrent.Info.SwarmIds;
        var selection = await new CandidateSelector(world, client).SelectAsync(
            swarms,
            Supernodes(torrent, options.Supernodes),
            remarks,
            stop
        );
        if (selection.Candidates.Count == 0)
        {
            throw new PlantException(
                PlantFault.NoNode,
                "no node of the network may hold this torrent yet: new nodes are on probation for a day, "
                    + "except in local- networks"
            );
        }
        var found = selection.Candidates.Count;
        Report(PlantStep.Choose, $"found {found} suitable {(found == 1 ? "node" : "nodes")}", 0);

        var signer = key.SignerFor(world.Signatures, client.Network.Name, swarms[0]);
        var placement = new OrderPlacement(world, client, signer, selection, options.Nodes);
        var planted = await PlantAsync(
            placement,
            torrent,
            (text, done) => Report(PlantStep.Plant, text, done),
            remarks,
            stop
        );
        try
        {
            var result = await FinishAsync(torrent, options, selection, planted, client, Report, remarks, stop);
            if (options.Write is { } write)
            {
                await write(result, stop);
            }
            await placement.EndOlderAsync(planted);
            return result;
        }
        catch
        {
            await placement.RollBackAsync(planted.Order);
            throw;
        }
    }

    /// <summary>Plants a torrent again that this planter has planted before.</summary>
    /// <exception cref="PlantException"><see cref="PlantFault.NotOurs"/>, or as for planting.</exception>
    public Task<PlantResult> RenewAsync(
        TorrentMetainfo torrent,
        PlantOptions options,
        Action<PlantProgress> progress,
        CancellationToken stop
    )
    {
        var client = ClientOf(options.Network);
        var signer = key.SignerFor(world.Signatures, client.Network.Name, torrent.Info.SwarmIds[0]);
        if (ReadOrder(torrent, client) is not { } order)
        {
            throw new PlantException(PlantFault.NotOurs, "this torrent was never planted; use 'plant'");
        }
        if (order.Signer != signer.Id)
        {
            throw new PlantException(
                PlantFault.NotOurs,
                "this torrent was planted with another key; import that key, or plant the torrent anew"
            );
        }
        return PlantAsync(torrent, options with { PrivateOk = true }, progress, stop);
    }

    /// <summary>Ends every order that this planter signed for a torrent, at all nodes that can be reached.</summary>
    /// <param name="torrent">The torrent, before or after planting.</param>
    /// <param name="options">The network and the supernodes. Those named in the torrent are asked too.</param>
    /// <exception cref="PlantException">No order of this planter was found, or no node was reached.</exception>
    public async Task<UnplantResult> UnplantAsync(TorrentMetainfo torrent, PlantOptions options, CancellationToken stop)
    {
        var client = ClientOf(options.Network);
        var swarms = torrent.Info.SwarmIds;
        var signer = key.SignerFor(world.Signatures, client.Network.Name, swarms[0]);
        var selection = await new CandidateSelector(world, client).SelectAsync(
            swarms,
            Supernodes(torrent, options.Supernodes),
            [],
            stop
        );
        var orders = new SortedDictionary<Hash32, VerifiedLookup>();
        foreach (var known in selection.Orders.Where(known => known.Order.Signer == signer.Id))
        {
            orders[known.Order.Digest] = known;
        }
        if (ReadOrder(torrent, client) is { } written && written.Signer == signer.Id)
        {
            orders.TryAdd(written.Digest, new VerifiedLookup(written, []));
        }
        if (orders.Count == 0)
        {
            throw new PlantException(
                PlantFault.NotOurs,
                "no order for this torrent was signed with your key; only its planter can unplant it"
            );
        }
        return await new Unplanter(world, client, signer, selection).UnplantAsync([.. orders.Values], stop);
    }

    /// <summary>Plants, and tries a second time when a newer order of the same key is in the way.</summary>
    private static async Task<PlantOutcome> PlantAsync(
        OrderPlacement placement,
        TorrentMetainfo torrent,
        Action<string, int> report,
        List<string> remarks,
        CancellationToken stop
    )
    {
        PlantOutcome planted;
        var attempt = 0;
        do
        {
            planted = await placement.PlantAsync(torrent.Info.SwarmIds, report, stop);
        } while (planted.Holders.Count == 0 && planted.FoundNewer && ++attempt < MaxAttempts);
        foreach (var rejected in planted.Rejections)
        {
            remarks.Add($"{rejected.Node.Item.Urls[0]}: {rejected.Rejection}");
        }
        if (planted.Holders.Count > 0)
        {
            return planted;
        }
        var first = planted.Rejections[0];
        throw planted.Rejections.Any(rejected => rejected.Answered)
            ? new PlantException(
                PlantFault.Refused,
                $"none of {planted.Rejections.Count} nodes accepted the order; "
                    + $"{first.Node.Item.Urls[0]} says: {first.Rejection}"
            )
            : new PlantException(
                PlantFault.OutOfReach,
                $"none of {planted.Rejections.Count} nodes answered; {first.Node.Item.Urls[0]}: {first.Rejection}"
            );
    }

    private static async Task<PlantResult> FinishAsync(
        TorrentMetainfo torrent,
        PlantOptions options,
        CandidateSelection selection,
        PlantOutcome planted,
        SupernodeClient client,
        Action<PlantStep, string, int> report,
        List<string> remarks,
        CancellationToken stop
    )
    {
        var count = planted.Holders.Count;
        if (count < options.Nodes)
        {
            remarks.Add($"{count} of the {options.Nodes} nodes wanted hold it; plant again later for more");
        }
        var receipts = new ReceiptsRequest(
            planted.Order.Envelope,
            [.. planted.Holders.Select(holder => holder.Receipt!.Envelope)]
        );
        var notified = selection.Notified;
        var results = await Task.WhenAll(notified.Select(one => NotifyAsync(client, one, receipts, stop)));
        var failures = results.OfType<string>().ToArray();
        remarks.AddRange(failures);
        stop.ThrowIfCancellationRequested();
        report(PlantStep.Notify, $"{results.Length - failures.Length} of {results.Length} supernodes notified", count);

        var (bytes, magnet) = PlantedTorrentWriter.Write(
            torrent,
            planted.Order,
            planted.Holders,
            notified,
            options.ReplaceTrackers
        );
        report(PlantStep.Write, "added the trackers to the torrent", count);
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
            [.. notified.Select(supernode => supernode.ToString())],
            remarks
        );
    }

    /// <summary>Null, or a remark when the supernode could not be notified.</summary>
    private static async Task<string?> NotifyAsync(
        SupernodeClient client,
        SupernodeAddress supernode,
        ReceiptsRequest receipts,
        CancellationToken stop
    )
    {
        try
        {
            await client.SendReceiptsAsync(supernode.Url, receipts, stop);
            return null;
        }
        catch (NetworkException e)
        {
            return $"{supernode.Url} was not notified and will learn of the order by its next poll: {e.Message}";
        }
    }

    private static void CheckTorrent(TorrentMetainfo torrent, PlantOptions options)
    {
        if (options.Nodes is < 1 or > NetworkLimits.MaxCandidates)
        {
            throw new PlantException(
                PlantFault.Argument,
                $"the number of nodes must be 1 to {NetworkLimits.MaxCandidates}"
            );
        }
        if (torrent.Info.IsPrivate && !options.PrivateOk)
        {
            throw new PlantException(
                PlantFault.Private,
                "this torrent is private, so its peers may come from its own trackers only; "
                    + "use --private-ok if they agree"
            );
        }
    }

    private SupernodeClient ClientOf(string network) =>
        NetworkName.TryParse(network, out var name, out var fault)
            ? new SupernodeClient(world, new NetworkOptions { Name = name })
            : throw new PlantException(PlantFault.Argument, fault.ToString());

    /// <summary>The supernodes given, then those that the torrent names.</summary>
    private static IReadOnlyList<string> Supernodes(TorrentMetainfo torrent, IReadOnlyList<string> given)
    {
        var named =
            torrent.Anatomic is { } value && TorrentPlanting.TryRead(value.Raw, out var planting, out _)
                ? planting.Supernodes.Select(supernode => supernode.ToString())
                : [];
        return [.. given.Concat(named).Distinct()];
    }

    /// <summary>The order in a planted torrent; null without a valid one.</summary>
    private Signed<PlantOrder>? ReadOrder(TorrentMetainfo torrent, SupernodeClient client) =>
        torrent.Anatomic is { } value
        && TorrentPlanting.TryRead(value.Raw, out var planting, out _)
        && client.Reader.TryRead<PlantOrder>(planting.Order, world.Clock.GetUtcNow(), out var order, out _)
        && order.Item.Swarms[0] == torrent.Info.SwarmIds[0]
            ? order
            : null;
}
