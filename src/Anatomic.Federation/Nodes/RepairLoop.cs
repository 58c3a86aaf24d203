using Anatomic.Federation.Orders;
using Anatomic.Federation.Sharing;
using Anatomic.Wire.Network;
using Anatomic.World;

namespace Anatomic.Federation.Nodes;

/// <summary>
/// Keeps the number of holders right: asks supernodes about silent partners, carries orders into gaps, and drops orders
/// with a surplus. <see cref="HolderMonitor"/> decides; this loop acts every 10 seconds.
/// </summary>
internal sealed class RepairLoop(NodeCore core, PlantHandler plants)
{
    private readonly OrderImporter importer = new(core, plants);

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(FederationLimits.RepairInterval, core.World.Clock, stop);
            try
            {
                await CheckSilentPartnersAsync(stop);
                for (var row = 0; row < core.Ledger.Rows; row += FederationLimits.OrdersPerSlice)
                {
                    var until = Math.Min(core.Ledger.Rows, row + FederationLimits.OrdersPerSlice);
                    await RepairAsync(row, until, stop);
                    await Task.Yield();
                }
            }
            catch (DiskException failure)
            {
                // The next round tries again.
                core.Events.StoreFailed(failure);
            }
        }
    }

    private async Task CheckSilentPartnersAsync(CancellationToken stop)
    {
        foreach (var silent in core.Holders.SilentPartners(core.Now))
        {
            var report = await core.NodeDirectory.CheckLivenessAsync(silent.Partner.Id, silent.Swarm, stop);
            if (core.Holders.ApplyReport(silent, report, core.Now))
            {
                core.Counters.PartnersLost++;
                core.Events.PartnerLost(silent.Partner.Id);
            }
        }
    }

    /// <summary>Repairs the orders in a slice of the ledger.</summary>
    private async Task RepairAsync(int from, int until, CancellationToken stop)
    {
        foreach (var (entry, candidates) in core.Holders.Gaps(from, until, core.Now))
        {
            await FillGapAsync(entry, candidates, stop);
            await Task.Delay(TimeSpan.FromSeconds(1.0 / FederationLimits.CarriesPerSecond), core.World.Clock, stop);
        }
        foreach (var entry in core.Holders.Surplus(from, until, core.Now))
        {
            await plants.DropAsync(entry, EndReason.Surplus, stop);
        }
    }

    private async Task FillGapAsync(PlantEntry entry, IReadOnlyList<Partner> candidates, CancellationToken stop)
    {
        var ids = candidates.Select(candidate => candidate.Id).ToArray();
        var live = await core.NodeDirectory.FindAsync(entry.FirstSwarm, ids, stop);
        foreach (var record in live)
        {
            core.Sharing.UpdateRecord(record);
        }
        if (await plants.FindOrderAsync(entry.Digest, stop) is not { } order)
        {
            return;
        }
        foreach (var candidate in candidates)
        {
            var isLive = live.Any(record => record.Signer == candidate.Id) || candidate.Answers(core.Now);
            if (!isLive || candidate.Record is null || core.Sharing.StateOf(candidate, entry.Digest) is null)
            {
                continue;
            }
            if (await CarryAsync(entry, order, candidate, stop))
            {
                return;
            }
        }
    }

    /// <summary>
    /// Carries an order to a candidate. True when no other candidate is needed now: it accepted, or the order has
    /// ended.
    /// </summary>
    private async Task<bool> CarryAsync(PlantEntry entry, SignedItem order, Partner candidate, CancellationToken stop)
    {
        var record = candidate.Record!.Item;
        var carry = core.Signer.Sign(new Carry(entry.Digest, candidate.Id, core.Signer.NextSequence(core.Now)));
        var request = new OutboundRequest
        {
            Method = "POST",
            Url = new Uri(record.Urls[0], "plant"),
            Body = new PlantSubmission(order, carry.Envelope).Write(),
        };
        core.Counters.Carries++;
        HttpResponse response;
        try
        {
            response = (await core.Http.SendToAsync(request, PrimaryAddress.Of(record), stop)).Response;
        }
        catch (NetworkException)
        {
            DelayCarry(candidate, entry, FederationLimits.FailedCarryBackoff);
            return false;
        }
        if (response.Status == 200)
        {
            core.Sharing.MarkHolding(candidate, entry.Digest, core.Now);
            core.Events.Carried(entry, candidate.Id);
            return true;
        }
        DelayCarry(candidate, entry, FederationLimits.RejectedCarryBackoff);
        if (response.Status == 409 && PlantConflict.TryRead(response.Body, out var conflict, out _))
        {
            if (conflict.Unplant is not null)
            {
                await plants.ApplyUnplantAsync(conflict.Unplant, stop);
            }
            if (conflict.Order is not null)
            {
                await importer.ReplaceAsync(entry, conflict.Order, stop);
            }
        }
        return core.Ledger.Find(entry.Digest) is not { IsLive: true };
    }

    private void DelayCarry(Partner candidate, PlantEntry entry, TimeSpan delay) =>
        core.Sharing.DelayCarry(candidate, entry.Digest, core.Now + delay, core.Now);
}
