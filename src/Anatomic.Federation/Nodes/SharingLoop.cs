using Anatomic.Federation.Sharing;
using Anatomic.Wire;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>Sends batches to partners, and searches for the records of partners whose URL is not known.</summary>
internal sealed class SharingLoop(NodeCore core, PlantHandler plants)
{
    /// <summary>
    /// Failed batches after which a partner may have moved, so that its record is searched for again.
    /// </summary>
    private const int FailuresBeforeSearch = 3;

    private readonly List<Task> batches = [];
    private Task search = Task.CompletedTask;

    public async Task RunAsync(CancellationToken stop)
    {
        var nextSearch = core.Now;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await Task.Delay(FederationLimits.DrainInterval, core.World.Clock, stop);
                core.Sharing.Drain(core.Now);
                batches.RemoveAll(batch => batch.IsCompleted);
                foreach (
                    var partner in core.Sharing.Due(core.Now).Take(FederationLimits.MaxBatchesInFlight - batches.Count)
                )
                {
                    batches.Add(SendAsync(partner, stop));
                }
                if (core.Now >= nextSearch && search.IsCompleted)
                {
                    search = SearchRecordsAsync(stop);
                    nextSearch = core.Now + FederationLimits.RecordSearchInterval / 4;
                }
            }
        }
        finally
        {
            await Task.WhenAll([.. batches, search]);
        }
    }

    private async Task SendAsync(Partner partner, CancellationToken stop)
    {
        var record = partner.Record!.Item;
        var own = core.Registration.Record;
        var isRecordNew = own is not null && own.Item.Seq > partner.RecordSent;
        var now = core.Now;
        var batch = core.Signer.Sign(
            new PeerBatch
            {
                To = partner.Id,
                Boot = core.Boot,
                Seq = core.Signer.NextSequence(now),
                At = now.ToUnixTimeMilliseconds(),
                Shares = core.Sharing.StartBatch(partner, now),
            }
        );
        var request = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(record.Urls[0], "peers"),
            Body = new PeersRequest(batch.Envelope, isRecordNew ? own!.Envelope : null).Write(),
            MaxResponseBytes = NetworkLimits.MaxBatchBytes,
        };
        try
        {
            var received = await core.Http.SendToAsync(request, PrimaryAddress.Of(record), stop);
            if (
                received.Response.Status != 200
                || !PeersResponse.TryRead(received.Response.Body, out var response, out _)
            )
            {
                Fail(partner);
                return;
            }
            core.Counters.BatchesSent++;
            core.Sharing.CompleteBatch(partner, response, core.Now);
            if (isRecordNew)
            {
                partner.RecordSent = own!.Item.Seq;
            }
            foreach (var unplant in response.Unplants)
            {
                await plants.ApplyUnplantAsync(unplant, stop);
            }
        }
        catch (Exception failure) when (failure is NetworkException or OperationCanceledException or DiskException)
        {
            Fail(partner);
        }
    }

    private void Fail(Partner partner)
    {
        core.Counters.BatchesFailed++;
        if (partner.IsInFlight)
        {
            core.Sharing.FailBatch(partner, core.Now);
        }
    }

    /// <summary>Searches for the candidates of one order at a time, because its supernodes know them best.</summary>
    private async Task SearchRecordsAsync(CancellationToken stop)
    {
        var now = core.Now;
        var missing = core
            .Sharing.Partners.Where(partner => IsMissing(partner, now))
            .Take(FederationLimits.RecordSearchBatch);
        foreach (var partner in missing.ToArray())
        {
            if (
                partner.SearchedAt + FederationLimits.RecordSearchInterval > now
                || core.Sharing.AnyOrderOf(partner) is not { } entry
            )
            {
                continue;
            }
            var ids = entry
                .Candidates.Where(id => core.Sharing.Find(id) is { } other && IsMissing(other, now))
                .ToArray();
            foreach (var id in ids)
            {
                core.Sharing.Find(id)!.SearchedAt = now;
            }
            try
            {
                foreach (var record in await core.NodeDirectory.FindAsync(entry.FirstSwarm, ids, stop))
                {
                    core.Sharing.UpdateRecord(record);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static bool IsMissing(Partner partner, DateTimeOffset now) =>
        (partner.Record is null || partner.Failures >= FailuresBeforeSearch)
        && partner.SearchedAt + FederationLimits.RecordSearchInterval <= now;
}
