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
/// Keeps a node registered: signs its record, signs a new one after a change, and posts it to the supernodes until they
/// accept it. Without a configured URL the node adopts the address that a supernode sees.
/// </summary>
internal sealed class Registration(
    IWorld world,
    NodeOptions options,
    ItemSigner signer,
    ItemReader reader,
    PublicHttpClient http,
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

    /// <summary>The newest record; null until the node knows its URL.</summary>
    public Signed<NodeRecord>? Record { get; private set; }

    /// <summary>The number of supernodes that accepted the current record.</summary>
    public int AcceptedBy => acceptedAt.Count;

    /// <summary>Why the last attempt failed, for the status page; null: it succeeded.</summary>
    public string? LastError { get; private set; }

    private int WorkWanted => options.Network.WorkFloor + options.ExtraWork;

    /// <summary>Zero bits of work that an order must show now.</summary>
    public int WorkDemanded =>
        world.Clock.GetUtcNow() < workRaisedAt + FederationLimits.WorkNotice
            ? Math.Min(workBefore, WorkWanted)
            : WorkWanted;

    /// <summary>Continues from the stored record of the last run, and signs a new one if the URL is known.</summary>
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
    /// A last record that requires less work stays valid for ten more minutes. If it raised the requirement less than
    /// ten minutes ago, the earlier one is no longer known, so the network's floor counts until then.
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
                    await RegisterAsync(supernode, stop);
                }
            }
            var delay =
                acceptedAt.Count > 0 ? FederationLimits.RegistrationInterval : FederationLimits.RegistrationRetry;
            await Task.Delay(delay, world.Clock, stop);
        }
    }

    private async Task RegisterAsync(SupernodeAddress supernode, CancellationToken stop)
    {
        RegistrationFailure? failure;
        try
        {
            var response = await PostAsync(supernode, stop);
            if (response is not null && TryAdoptAddress(response))
            {
                await RenewAsync(stop);
                response = await PostAsync(supernode, stop);
            }
            LastError = response is null ? $"{supernode.Url} sent an invalid response" : response.Failure;
            failure =
                response is null ? RegistrationFailure.Unreadable
                : response.Failure is null ? null
                : RegistrationFailure.Rejected;
        }
        catch (IOException e)
        {
            // The network failed, or the store of the new record.
            LastError = e.Message;
            failure = e is DiskException ? RegistrationFailure.Store : RegistrationFailure.Unreachable;
        }
        if (failure is null)
        {
            acceptedAt[supernode.Id] = world.Clock.GetUtcNow();
        }
        else
        {
            acceptedAt.Remove(supernode.Id);
        }
        Report(supernode.Id, failure);
    }

    /// <summary>Writes an event for each change only, because failed attempts repeat every few seconds.</summary>
    private void Report(NodeId supernode, RegistrationFailure? failure)
    {
        if (reported.TryGetValue(supernode, out var before) && before == failure)
        {
            return;
        }
        reported[supernode] = failure;
        if (failure is { } reason)
        {
            events.RegistrationFailed(supernode, reason);
        }
        else
        {
            events.Registered(supernode);
        }
    }

    /// <summary>
    /// Adopts the address under which a supernode sees this node, unless URLs are configured: at first, and when no
    /// supernode reaches the adopted address any more.
    /// </summary>
    private bool TryAdoptAddress(RecordResponse response)
    {
        var isReached = Record is not null && (response.Failure is null || acceptedAt.Count > 0);
        if (options.PublicUrls.Count > 0 || isReached)
        {
            return false;
        }
        var address = response.Seen.WithPort(options.HttpPort);
        http.CheckAddress(address);
        var url = new Uri($"http://{address}/");
        if (urls.Contains(url))
        {
            return false;
        }
        urls = [url];
        return true;
    }

    private async Task<RecordResponse?> PostAsync(SupernodeAddress supernode, CancellationToken stop)
    {
        var request = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(supernode.Url, "record"),
            Body = Record?.Raw ?? default,
            // The supernode polls this node before it answers.
            Timeout = 3 * FederationLimits.RequestTimeout,
        };
        var received = await supernodes.SendAsync(supernode, request, stop);
        return RecordResponse.TryRead(received.Body, out var response, out _) ? response : null;
    }

    /// <summary>Signs and stores a new record if anything in it has changed.</summary>
    private async Task RenewAsync(CancellationToken stop)
    {
        if (urls.Count == 0)
        {
            return;
        }
        List<Endpoint> addresses;
        try
        {
            addresses = await ResolveUrlsAsync(stop);
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

    private async Task<List<Endpoint>> ResolveUrlsAsync(CancellationToken stop)
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
        // Name servers rotate their answers; the record must not change with them.
        addresses.Sort();
        return addresses;
    }
}
