using Anatomic.Federation.Lookup;
using Anatomic.Federation.Orders;
using Anatomic.Federation.Outbound;
using Anatomic.Federation.Signing;
using Anatomic.Wire;
using Anatomic.Wire.Identity;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// A node's own record: makes it, makes a new one when something changed, and offers it to the supernodes until they take it.
/// Without a configured url the address that a supernode sees is adopted.
/// </summary>
internal sealed class Registration(
    IWorld world,
    NodeOptions options,
    ItemSigner signer,
    ItemReader reader,
    PublicHttpClient exchange,
    ProvenSupernodeClient supernodes,
    PlantStore store,
    NodeEvents events
)
{
    private readonly SortedDictionary<NodeId, DateTimeOffset> acceptedAt = [];
    private readonly SortedDictionary<NodeId, RegistrationFailure?> reported = [];
    private IReadOnlyList<Uri> urls = options.PublicUrls;
    private int workBefore;
    private DateTimeOffset workRaisedAt;

    /// <summary>The newest record; null until the node knows how it is reached.</summary>
    public Signed<NodeRecord>? Record { get; private set; }

    /// <summary>Supernodes that took the record as it is.</summary>
    public int AcceptedBy => acceptedAt.Count;

    /// <summary>Why the last offer was not taken, for the status page; null: it was.</summary>
    public string? LastError { get; private set; }

    private int WorkWanted => options.Network.WorkFloor + options.ExtraWork;

    /// <summary>Zero bits demanded of an order now.</summary>
    public int WorkDemanded =>
        world.Clock.GetUtcNow() < workRaisedAt + FederationLimits.WorkNotice
            ? Math.Min(workBefore, WorkWanted)
            : WorkWanted;

    /// <summary>Takes up where the last run ended, and makes the record when the url is known.</summary>
    public async Task StartAsync(CancellationToken stop)
    {
        (workBefore, workRaisedAt) = (WorkWanted, DateTimeOffset.MinValue);
        if (
            store.LastRecord is { } raw
            && Signed.TryReadUnverified<NodeRecord>(raw, options.Network.Name, out var last, out _)
            && last.Signer == signer.Id
            && reader.Verify(last)
        )
        {
            signer.Observe(last.Item.Seq);
            (workBefore, workRaisedAt) = NoticeOf(last.Item);
            Record = options.PublicUrls.Count > 0 ? last : null;
        }
        await RenewAsync(stop);
    }

    /// <summary>
    /// A record that demands less counts for ten minutes more; so does the network's floor when the last one raised it
    /// less than ten minutes ago, for what it raised is not known any more.
    /// </summary>
    private (int Before, DateTimeOffset RaisedAt) NoticeOf(NodeRecord last) =>
        last.Work < WorkWanted
            ? (last.Work, world.Clock.GetUtcNow())
            : (options.Network.WorkFloor, DateTimeOffset.FromUnixTimeMilliseconds(last.Seq));

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await RenewAsync(stop);
            }
            catch (DiskException failure)
            {
                LastError = failure.Message;
                events.StoreFailed(failure);
            }
            foreach (var supernode in options.Supernodes)
            {
                var now = world.Clock.GetUtcNow();
                if (
                    !acceptedAt.TryGetValue(supernode.Id, out var at)
                    || now - at >= FederationLimits.RegistrationRefresh
                )
                {
                    await OfferAsync(supernode, stop);
                }
            }
            var wait =
                acceptedAt.Count > 0 ? FederationLimits.RegistrationInterval : FederationLimits.RegistrationRetry;
            await Task.Delay(wait, world.Clock, stop);
        }
    }

    private async Task OfferAsync(SupernodeAddress supernode, CancellationToken stop)
    {
        RegistrationFailure? trouble;
        try
        {
            var reply = await PostAsync(supernode, stop);
            if (reply is not null && TryAdoptAddress(reply))
            {
                await RenewAsync(stop);
                reply = await PostAsync(supernode, stop);
            }
            LastError = reply is null ? $"{supernode.Url} gave no answer that can be read" : reply.Failure;
            trouble =
                reply is null ? RegistrationFailure.Unreadable
                : reply.Failure is null ? null
                : RegistrationFailure.Rejected;
        }
        catch (IOException failure)
        {
            // The network, or the store that the new record goes to.
            LastError = failure.Message;
            trouble = failure is DiskException ? RegistrationFailure.Store : RegistrationFailure.Unreachable;
        }
        if (trouble is null)
        {
            acceptedAt[supernode.Id] = world.Clock.GetUtcNow();
        }
        else
        {
            acceptedAt.Remove(supernode.Id);
        }
        Tell(supernode.Id, trouble);
    }

    /// <summary>Once for each change: an offer that fails is made again every few seconds.</summary>
    private void Tell(NodeId supernode, RegistrationFailure? trouble)
    {
        if (reported.TryGetValue(supernode, out var before) && before == trouble)
        {
            return;
        }
        reported[supernode] = trouble;
        if (trouble is { } reason)
        {
            events.RegistrationFailed(supernode, reason);
        }
        else
        {
            events.Registered(supernode);
        }
    }

    /// <summary>
    /// Without a configured url the address is adopted under which a supernode sees this node: at first, and when none finds it
    /// at the adopted one any more.
    /// </summary>
    private bool TryAdoptAddress(RecordResponse reply)
    {
        var isFound = Record is not null && (reply.Failure is null || acceptedAt.Count > 0);
        if (options.PublicUrls.Count > 0 || isFound)
        {
            return false;
        }
        var at = reply.Seen.WithPort(options.HttpPort);
        exchange.CheckAddress(at);
        var url = new Uri($"http://{at}/");
        if (urls.Contains(url))
        {
            return false;
        }
        urls = [url];
        return true;
    }

    private async Task<RecordResponse?> PostAsync(SupernodeAddress supernode, CancellationToken stop)
    {
        var ask = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(supernode.Url, "record"),
            Body = Record?.Raw ?? default,
            // The supernode polls back before it answers.
            Timeout = 3 * FederationLimits.RequestTimeout,
        };
        var received = await supernodes.SendAsync(supernode, ask, stop);
        return RecordResponse.TryRead(received.Body, out var reply, out _) ? reply : null;
    }

    private async Task RenewAsync(CancellationToken stop)
    {
        if (urls.Count == 0)
        {
            return;
        }
        List<Endpoint> addresses;
        try
        {
            addresses = await AddressesAsync(stop);
        }
        catch (NetworkException failure)
        {
            LastError = failure.Message;
            return;
        }
        var wanted = new NodeRecord
        {
            Role = NodeRole.Node,
            Urls = urls,
            UdpPort = options.UdpPort,
            Addresses = addresses,
            Seq = Record?.Item.Seq ?? 0,
            Weight = options.Weight,
            Work = WorkWanted,
            Software = options.Software,
        };
        if (Record is not null && wanted.Write().AsSpan().SequenceEqual(Record.Item.Write()))
        {
            return;
        }
        var record = signer.Sign(wanted with { Seq = signer.NextSequence(world.Clock.GetUtcNow()) });
        await store.SaveRecordAsync(record.Raw, stop);
        Record = record;
        acceptedAt.Clear();
    }

    private async Task<List<Endpoint>> AddressesAsync(CancellationToken stop)
    {
        var addresses = new List<Endpoint>();
        foreach (var url in urls)
        {
            foreach (var address in await world.Network.ResolveAsync(url.IdnHost.Trim('[', ']'), stop))
            {
                var endpoint = Endpoint.From(address, url.Port);
                if (!addresses.Contains(endpoint) && addresses.Count < NetworkLimits.MaxAddresses)
                {
                    addresses.Add(endpoint);
                }
            }
        }
        // A name server gives its answers in turn; the record shall not change with them.
        addresses.Sort();
        return addresses;
    }
}
